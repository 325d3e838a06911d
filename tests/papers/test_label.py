"""Numbers on the label of esketamine: 32.3 mg of the hydrochloride are 28 mg of the base."""

import numpy as np
import pytest

from unwound.regimen import Bolus, Infusion, Regimen, compile_regimen, total_mg

MG_OF_SALT, MG_OF_BASE = 32.3, 28.0


def test_32_3_mg_of_hydrochloride_are_28_mg_of_base():
    salt = Bolus(drug="ketamine", enantiomer="S", form="hydrochloride", amount=f"{MG_OF_SALT} mg")
    given = total_mg(compile_regimen(Regimen(setting="icu", doses=(salt,))), weight_kg=70.0)
    assert given["S"] == pytest.approx(MG_OF_BASE, abs=0.05)


def test_the_share_of_base_is_that_of_the_molar_masses():
    """237.73 g/mol of base in 274.2 g/mol of hydrochloride."""
    salt = Infusion(
        drug="ketamine", enantiomer="S", form="hydrochloride", rate="0.35 mg/kg/h", duration="4 h", start="2 h"
    )
    base = salt.model_copy(update={"form": "base"})
    of_salt, of_base = (compile_regimen(Regimen(doses=(dose,))).inputs["S"] for dose in (salt, base))
    np.testing.assert_allclose(of_salt.rate_per_kg, of_base.rate_per_kg * 237.73 / 274.2, rtol=1e-5)


def test_base_is_given_as_it_is_stated():
    base = Bolus(drug="ketamine", enantiomer="S", amount="28 mg")
    assert total_mg(compile_regimen(Regimen(setting="icu", doses=(base,))), 70.0) == {"S": 28.0}
