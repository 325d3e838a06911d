"""What the model of the receptor does not reproduce, in sentences that results carry along."""

HILL = (
    "measured curves of ketamine are flatter than these (Hill coefficient 0.84, Gilling 2009): one site in the pore "
    "gives exactly 1"
)
RECALLED = (
    "dissociation constants of ketamine and of magnesium rest on IC50 values that are recalled and not seen: absolute "
    "levels are regressions, not truths"
)
ON_RATE = (
    "macroscopic onset is 2 to 8 times faster here than was measured (0.15 per uM and s, Gilling 2009), whose own "
    "rates give a dissociation constant twice its IC50"
)
CORTEX = "10 uM of ketamine block more here than the 80 % that were measured in cortical neurons (Mealing 1999)"
DEACTIVATION = "deactivation lies within a factor of about two of recordings of the same subtype"
UNBLOCK = (
    "symmetric trapping lets magnesium leave within a millisecond of a depolarization; measured is a slow part of "
    "tens of milliseconds"
)
PATCHES = "rates of the gate are those of patches at room temperature, which desensitize more deeply than whole cells"
MEMANTINE = "memantine on GluN2B at -30 mV and 1 mM Mg2+ comes out about twice as potent as was measured"
NO_ESCAPE = "drug leaves only through an open gate unless an escape is given"
CLOSED = "without glutamate no gate opens: drug can neither enter nor leave"
NO_SITE = "ifenprodil and traxoprodil act at once here, without use dependence and without protons"
NATIVE = "native receptors open as one of five small schemes says, and hold magnesium as Jahr and Stevens fitted it"
NATIVE_TRAPPING = (
    "with native affinities and these small schemes less is trapped than was measured, and memantine more than "
    "ketamine: the other way round than in neurons"
)
SHALLOW = "the shallow site is a hypothesis with an assumed share; without it ketamine and memantine are trapped more"
ASYMMETRIC = "the asymmetric curve borrows the asymmetry of one native scheme for the gate of this subtype"
