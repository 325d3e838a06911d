"""libRoadRunner with CVODE on SBML made by hand, restarted at every pump switch. Parsing is not counted."""

from __future__ import annotations

import ast

import numpy as np

from running import ATOL, RTOL, Run, one_by_one, segments
from workload import MEDIAN_AND_OMEGA, SHARE, SLOW_START, Patients

_DRUG = {
    "A1": "R - CL*A1/V1 - Q2*(A1/V1 - A2/V2) - Q3*(A1/V1 - A3/V3)",
    "A2": "Q2*(A1/V1 - A2/V2)",
    "A3": "Q3*(A1/V1 - A3/V3)",
    "E": "KE0*(1000*A1/V1 - E)",
}
_METABOLITES = {
    "F1": "CL*A1/V1 - CLF*F1/VF - QF*(F1/VF - F2/VF2)",
    "F2": "QF*(F1/VF - F2/VF2)",
    "S1": "SHARE*CLF*F1/VF - CLS*S1/VS - QS*(S1/VS - S2/VS2)",
    "S2": "QS*(S1/VS - S2/VS2)",
}
_SLOW = {
    "B": "KON*c*(1 - B) - KOFF*B",
    "N": "KN*(1 + 0.6*W*W/(1 + W*W) - N)",
    "W": "KW*(0.05 + GW*x**4/(K50**4 + x**4) - W)",
    "I": "KI*(W - I)",
    "D": "KD*(W/(1 + W) - D)",
    "P": "KP*(r/(1 + r) - P)",
    "M": "KM*(W - M)",
    "L": "KL*(2*P - L)",
}
_BETWEEN = {
    "c": "piecewise(E, E > 0, 0)",
    "r": "(c/EC50)**1.5",
    "x": "N*(1 - B)*W*(1 + 0.25*I)*(1 + 0.3*D)*(1 - 0.4*P)",
}


def roadrunner(patients: Patients, seconds: float) -> Run:
    """libRoadRunner with CVODE on SBML made by hand, restarted at each pump switch."""
    import roadrunner

    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    first_stage = patients.problem == "P1"
    runner = roadrunner.RoadRunner(sbml(patients.problem))
    runner.setIntegrator("cvode")
    runner.integrator.relative_tolerance = RTOL
    runner.integrator.maximum_num_steps = 1_000_000
    states = list(_DRUG) + list(_METABOLITES if first_stage else _SLOW)
    # one number would be multiplied by the state at each restart and vanish with the drug
    # (github.com/sys-bio/roadrunner, issue 1349)
    runner.integrator.absolute_tolerance = [ATOL] * len(states)
    runner.timeCourseSelections = ["A1", "E", "F1", "S1"] if first_stage else list(_SLOW)
    values = dict.fromkeys(states, 0.0) | ({} if first_stage else dict(zip(_SLOW, SLOW_START, strict=True)))
    plan = list(segments(patients))
    wanted = set(patients.times)
    kept = [[stop in wanted for stop in stops[1:]] for _, stops in plan]
    names = list(MEDIAN_AND_OMEGA)

    def course(index: int) -> np.ndarray:
        p = patients.one(index)
        runner.resetAll()
        for name in names:
            runner[name] = p[name]
        for name, value in values.items():
            runner[name] = value
        rows = [np.array([[runner[name] for name in runner.timeCourseSelections]])]
        for (rate, stops), keep in zip(plan, kept, strict=True):
            runner["R"] = rate
            rows.append(np.array(runner.simulate(times=stops.tolist()))[1:][keep])
        y = np.concatenate(rows)
        return y * [1000.0 / p["V1"], 1.0, 1000.0 / p["VF"], 1000.0 / p["VS"]] if first_stage else y

    return one_by_one(patients, seconds, course)


def sbml(problem: str) -> str:
    """The model as SBML level 3: rate rules for the states, assignment rules for c, r and x."""
    first_stage = problem == "P1"
    rates = _DRUG | (_METABOLITES if first_stage else _SLOW)
    between = {} if first_stage else _BETWEEN
    start = {} if first_stage else dict(zip(_SLOW, SLOW_START, strict=True))
    constants = {name: median for name, (median, _) in MEDIAN_AND_OMEGA.items()}
    numbers = constants | {"R": 0.0, "SHARE": SHARE} | dict.fromkeys(rates, 0.0) | start
    parameters = [f'<parameter id="{n}" value="{v!r}" constant="false"/>' for n, v in numbers.items()]
    parameters += [f'<parameter id="{name}" constant="false"/>' for name in between]
    rules = [f'<assignmentRule variable="{n}">{mathml(f)}</assignmentRule>' for n, f in between.items()]
    rules += [f'<rateRule variable="{n}">{mathml(f)}</rateRule>' for n, f in rates.items()]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="{problem}"><listOfParameters>{"".join(parameters)}</listOfParameters>'
        f"<listOfRules>{''.join(rules)}</listOfRules></model></sbml>"
    )


def mathml(formula: str) -> str:
    """`formula`, written in Python's infix, as MathML."""
    tags = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide", ast.Pow: "power"}

    def show(node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return f"<ci>{name}</ci>"
            case ast.Constant(value=value):
                return f"<cn>{value}</cn>"
            case ast.BinOp(left=left, op=op, right=right):
                return f"<apply><{tags[type(op)]}/>{show(left)}{show(right)}</apply>"
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                return f"<apply><gt/>{show(left)}{show(right)}</apply>"
            case ast.Call(args=[value, condition, otherwise]):
                pieces = f"<piece>{show(value)}{show(condition)}</piece>"
                return f"<piecewise>{pieces}<otherwise>{show(otherwise)}</otherwise></piecewise>"
        raise ValueError(f"no MathML for {ast.dump(node)}")

    content = show(ast.parse(formula, mode="eval").body)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{content}</math>'
