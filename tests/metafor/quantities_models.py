"""What is compared for the deeper models: small-study effects, influence, GLMM, Bayes and others.

References: reference_models.R (metafor, clubSandwich, R's lm) and reference_integrals.R (plain
numerical integration, where metafor approximates or has nothing).
"""

import numpy as np

from livingmeta.pooling.bias import fail_safe
from livingmeta.pooling.bias.henmi_copas import henmi_copas
from livingmeta.pooling.bias.selection import selection_model
from livingmeta.pooling.bias.small_study import begg, egger, harbord, macaskill, pet_peese, peters
from livingmeta.pooling.bias.trim_fill import NoSettlementError, trim_fill
from livingmeta.pooling.engines.bayes import TauPrior, posterior
from livingmeta.pooling.engines.betabinomial import beta_binomial
from livingmeta.pooling.engines.dependent_regression import regress_effects
from livingmeta.pooling.engines.glmm import fit_proportions, fit_two_arm
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.multilevel import fit_multilevel
from livingmeta.pooling.engines.regression import permutation_test
from livingmeta.pooling.engines.robust import robust
from livingmeta.pooling.influence import influence
from metafor.quantities import Comparison, numbers, reference

CLOSED, ITERATIVE, INTEGRAL = "closed form", "iterative", "integral"
INFLUENCE = (
    *("rstudent", "dffits", "cooks_distance", "covariance_ratio", "tau2_deleted", "q_deleted"),
    *("hat", "weight", "baujat_x", "baujat_y", "influential"),
)
LINE = ("limit", "limit_se", "estimate", "se", "statistic", "p_value")


def models():
    """The reference of the models that need no integral."""
    return reference("reference_models.json")


def integrals():
    """The reference of the models that do."""
    return reference("reference_integrals.json")


def effects(name):
    """yi and vi of one data set."""
    part = models()["sets"][name]
    return numbers(part["yi"]), numbers(part["vi"])


def cells(name):
    """ai, bi, ci and di of one data set of counts."""
    rows = models()["counts"][name]
    return [numbers([row[cell] for row in rows]) for cell in ("ai", "bi", "ci", "di")]


def _kind(method):
    return ITERATIVE if method in ("ML", "REML") else CLOSED


def _each(group, label, kind, name, ours, theirs, fields, scale=1e-12):
    for field in fields:
        value = ours[field] if isinstance(ours, dict) else getattr(ours, field)
        their = np.array(theirs[field], float)
        yield Comparison(group, f"{label}: {field}", kind, name, value, their, scale)


def influences():
    """metafor's influence(), dfbetas() and baujat()."""
    for row in models()["influence"]:
        y, v = effects(row["data"])
        x = np.array(models()["moderators"][row["data"]], float) if row["moderators"] else None
        ours = influence(y, v, tau2=row["method"], moderators=x)
        kind, name = _kind(row["method"]), row["data"] + " with moderators" * row["moderators"]
        label = row["method"]
        # Measured against 1, which is large for all of these; a deviate that is 0 has no digits.
        yield from _each("influence", label, kind, name, ours, row, INFLUENCE, scale=1.0)
        theirs = np.array(row["dfbetas"], float).T
        args = "influence", f"{label}: dfbetas", kind, name, ours.dfbetas, theirs, 1.0
        yield Comparison(*args)


def funnels():
    """metafor's regtest, ranktest and fsn, and R's lm() for PEESE."""
    for name, row in models()["small_study"].items():
        y, v = effects(name)
        ours, theirs = egger(y, v), row["egger"]
        yield from _each("small-study effects", "Egger", CLOSED, name, ours, theirs, LINE)
        pairs = ("statistic", "zval"), ("p_value", "p"), ("df", "df")
        pairs += ("limit", "est"), ("limit_low", "lb"), ("limit_high", "ub")
        for field, key in pairs:
            args = CLOSED, name, getattr(ours, field), theirs[key]
            yield Comparison("small-study effects", f"Egger, regtest: {field}", *args)
        ours = egger(y, v, model="mixed")
        yield from _each(
            "small-study effects", "Egger, mixed", ITERATIVE, name, ours, row["mixed"], row["mixed"]
        )
        _, peese, _ = pet_peese(y, v)
        yield from _each("small-study effects", "PEESE", CLOSED, name, peese, row["peese"], LINE)
        ours = begg(y, v)
        pairs = ("tau", ours.estimate), ("p_value", ours.p_value)
        for field, value in pairs:
            yield Comparison(
                "small-study effects", f"Begg: {field}", CLOSED, name, value, row["begg"][field]
            )
        found = {
            "rosenthal": fail_safe.rosenthal(y, v),
            "orwin": fail_safe.orwin(y),
            "orwin_weighted": fail_safe.orwin(y, vi=v),
            "rosenberg": fail_safe.rosenberg(y, v),
        }
        for field, ours in found.items():
            yield Comparison(
                "small-study effects", f"fail-safe N: {field}", CLOSED, name, ours.n, row[field]
            )


def funnels_of_counts():
    """Peters, Macaskill and Harbord by R's lm()."""
    for name, row in models()["counts_tests"].items():
        ai, bi, ci, di = cells(name)
        use = (ai + ci > 0) & (bi + di > 0)
        y = np.full(use.size, np.nan)
        y[use] = row["yi"]
        found = {
            "peters": peters(y, ai, bi, ci, di),
            "macaskill": macaskill(y, ai, bi, ci, di),
            "harbord": harbord(ai, bi, ci, di),
        }
        for test, ours in found.items():
            fields = LINE if test != "macaskill" else LINE[2:]
            yield from _each(
                "small-study effects", test.title(), CLOSED, name, ours, row[test], fields
            )


def trims():
    """metafor's trimfill(); where it goes round in circles, so do we."""
    for row in models()["trim_fill"]:
        y, v = effects(row["data"])
        options = {"tau2": row["method"], "estimator": row["estimator"], "side": row.get("asked")}
        label = f"{row['method']} {row['estimator']}"
        group, kind = "trim and fill", _kind(row["method"])
        try:
            ours = trim_fill(y, v, **options)
        except NoSettlementError:
            yield Comparison(group, f"{label}: settled", CLOSED, row["data"], 0.0, row["settled"])
            continue
        yield Comparison(group, f"{label}: settled", CLOSED, row["data"], 1.0, row["settled"])
        if not row["settled"]:
            continue
        right = float(ours.side == "right"), float(row["side"] == "right")
        yield Comparison(group, f"{label}: side", CLOSED, row["data"], *right)
        yield from _each(group, label, kind, row["data"], ours, row, ("k0", "se_k0"))
        fields = ("estimate", "se", "tau2", "q")
        yield from _each(group, label, kind, row["data"], ours.fit, row, fields, scale=1e-4)
        args = f"{label}: p", CLOSED, row["data"], ours.p_value, np.array(row["p_k0"], float)
        yield Comparison(group, *args)


def henmi():
    """metafor's hc(), with its root tightened."""
    for name, row in models()["henmi_copas"].items():
        ours = henmi_copas(*effects(name))
        yield from _each(
            "Henmi-Copas", "interval", CLOSED, name, ours, row, ("estimate", "se", "tau2")
        )
        yield from _each(
            "Henmi-Copas", "interval", INTEGRAL, name, ours, row, ("ci_low", "ci_high")
        )


def selections():
    """metafor's selmodel(); it counts the first step, whose weight is 1, as known."""
    for row in models()["selection"]:
        y, v = effects(row["data"])
        steps = np.atleast_1d(row["steps"]) if row["steps"] is not None else (0.025,)
        options = {"model": row["type"], "alternative": row["alternative"], "steps": steps}
        ours = selection_model(y, v, **options)
        label = " ".join(
            [row["type"], row["alternative"], *map(str, steps * (row["type"] != "beta"))]
        )
        values = {
            "estimate": ours.estimate, "se": ours.se, "tau2": ours.tau2, "delta": ours.delta,
            "ll": ours.log_likelihood, "lrt": ours.lr, "lrt_p": ours.lr_p,
        }  # fmt: skip
        if ours.tau2 == 0:
            # We hold tau² at 0, metafor differentiates by it all the same, or fails to.
            del values["se"]
        yield from _each(
            "selection models", label, INTEGRAL, row["data"], values, row, values, scale=1e-2
        )


def permutations():
    """metafor's permutest() over all orders."""
    for i, row in enumerate(models()["permutation"]):
        interval = {"z": "wald", "knha": "hksj"}[row["test"]]
        y, v, x = (np.array(row[name], float) for name in ("yi", "vi", "x"))
        ours = permutation_test(y, v, x, tau2=row["tau2"], interval=interval)
        args = "permutation test", "all orders: p of moderators", CLOSED, f"case {i + 1}"
        yield Comparison(*args, ours.p_value[1:], numbers(row["p"])[1:])
        args = "permutation test", "all orders: p of the omnibus test", CLOSED, f"case {i + 1}"
        yield Comparison(*args, ours.qm_p, row["qm_p"])


def clusters():
    """metafor's rma.mv with clubSandwich, and clubSandwich's CR2 for an ordinary model."""
    for name, row in models()["multilevel"].items():
        y, v = numbers(row["yi"]), numbers(row["vi"])
        f = fit_multilevel(y, v, row["cluster"])
        r = robust(y, v, row["cluster"], between=f.between, within=f.within)
        pairs = {
            "estimate": (f.coefficients[0], row["estimate"]),
            "se": (f.se[0], row["se"]),
            "between": (f.between, row["sigma2"][0]),
            "within": (f.within, row["sigma2"][1]),
            "log-likelihood": (f.log_likelihood, row["ll"]),
            "q": (f.q, row["q"]),
            "CR2 se": (r.se[0], row["robust_se"]),
            "CR2 df": (r.df[0], row["robust_df"]),
            "CR2 p": (r.p_value[0], row["robust_p"]),
        }
        for quantity, pair in pairs.items():
            yield Comparison(
                "effects within studies", f"REML: {quantity}", ITERATIVE, name, *pair, 1e-4
            )
    for name, row in models()["multilevel_regression"].items():
        y, v, x = (np.array(row[column], float) for column in ("yi", "vi", "x"))
        study = np.array(row["cluster"])
        f = regress_effects(y, v, study, x, "multilevel", level=0.95, at=x[:1])
        m = fit_multilevel(y, v, study, moderators=x)
        r = robust(y, v, study, between=m.between, within=m.within, moderators=x)
        between, within = row["sigma2"]
        fields = {
            "coefficients": (f.coefficients, row["estimate"]),
            "se": (f.coefficient_se, row["se"]),
            "p": (f.coefficient_p, row["p_value"]),
            "between and within": ([f.tau2 - f.within, f.within], [between, within]),
            "log-likelihood": (m.log_likelihood, row["ll"]),
            "q": (m.q, row["q"]),
            "omnibus test": ([f.qm, f.qm_p], [row["qm"], row["qm_p"]]),
            "CR2 se": (r.se, row["robust_se"]),
            "CR2 df": (r.df, row["robust_df"]),
            "CR2 p": (r.p_value, row["robust_p"]),
            "CR2 omnibus F and p": ([r.qm, r.qm_p], [row["robust_qm"], row["robust_qm_p"]]),
            "CR2 omnibus df": ([r.qm_df, r.qm_df2], row["robust_qm_df"]),
        }
        for quantity, (ours, theirs) in fields.items():
            args = f"REML: {quantity}", ITERATIVE, name, ours, numbers(theirs), 1e-4
            yield Comparison("regression of effects within studies", *args)
    for name, row in models()["robust"].items():
        y, v = numbers(row["yi"]), numbers(row["vi"])
        x = None if row["x"] is None else np.array(row["x"], float)
        ours = robust(y, v, row["cluster"], within=fit(y, v, moderators=x).tau2, moderators=x)
        fields = {
            "estimate": ours.coefficients,
            "se": ours.se,
            "df": ours.df,
            "p_value": ours.p_value,
        }
        for quantity, value in fields.items():
            args = f"CR2: {quantity}", ITERATIVE, name, value, numbers(row[quantity]), 1e-4
            yield Comparison("robust variance", *args)


def fit_counts(row):
    """Our binomial-normal model of one row of the reference."""
    if row["model"] == "proportion":
        return fit_proportions(row["events"], row["totals"])
    return fit_two_arm(*(row[name] for name in ("ai", "n1i", "ci", "n2i")), model=row["model"])


def binomial_normal():
    """The likelihood integrated plainly in R; metafor's own numbers are in test_glmm.py."""
    for row in integrals()["glmm"]:
        ours, exact = fit_counts(row), row["exact"]
        fields = ("estimate", "se", "tau2") + ("sigma2",) * ("sigma2" in exact)
        fields += ("q",) * (exact.get("q") is not None)
        yield from _each(
            "binomial-normal models", row["model"], INTEGRAL, row["data"], ours, exact, fields
        )
        args = "binomial-normal models", f"{row['model']}: log-likelihood", INTEGRAL, row["data"]
        yield Comparison(*args, ours.log_likelihood, exact["ll"])
    for row in integrals()["glmm_regression"]:
        if row["model"] == "proportion":
            ours = fit_proportions(row["ci"], row["n2i"], moderators=row["x"])
        else:
            cells = (row[name] for name in ("ai", "n1i", "ci", "n2i"))
            ours = fit_two_arm(*cells, model=row["model"], moderators=row["x"])
        values = {"estimate": ours.coefficients, "se": np.sqrt(np.diag(ours.covariance))}
        values |= {"tau2": ours.tau2, "ll": ours.log_likelihood}
        args = "regression of binomial-normal models", row["model"], INTEGRAL, row["moderator"]
        yield from _each(*args, values, row, values)


def beta_binomials():
    """The beta-binomial likelihood maximised numerically in R."""
    for row in integrals()["betabinomial"]:
        names = ("events", "totals") if "events" in row else ("ai", "n1i", "ci", "n2i")
        ours = beta_binomial(*(row[name] for name in names))
        label = "proportion" if "events" in row else "odds ratio"
        fields = ("estimate", "se", "rho")
        yield from _each("beta-binomial", label, INTEGRAL, row["data"], ours, row, fields)
        args = "beta-binomial", f"{label}: log-likelihood", INTEGRAL, row["data"]
        yield Comparison(*args, ours.log_likelihood, row["ll"])


def bayesian():
    """The posterior integrated by R's integrate() in pieces."""
    for row in integrals()["bayes"]:
        prior = TauPrior(row["family"], row["scale"], row.get("shape", 1.0))
        mu_prior = tuple(row["mu_prior"]) if "mu_prior" in row else None
        options = {"prior": prior, "mu_prior": mu_prior, "interval": "central"}
        ours = posterior(row["yi"], row["vi"], **options)
        found = ours.summary()
        values = {name: found[name] for name in ("mu_mean", "mu_sd", "tau_mean", "tau_sd")}
        for part in ("mu", "new", "tau"):
            ends = ("low", "median", "high")
            values[f"{part}_central"] = [found[f"{part}_{end}"] for end in ends]
        values["first_mean"] = ours.shrunken()[0].mean
        values["p_below_zero"] = ours.probability_beyond(0.0, "below")
        values["log_evidence"] = ours.log_evidence
        name = f"{row['family']}({row['scale']:.2g}), k = {len(row['yi'])}"
        # R's integrate() promises 1e-12 of each piece, and its roots 1e-9 or so.
        yield from _each(
            "bayesian model", "posterior", ITERATIVE, name, values, row, values, scale=1e-2
        )


SOURCES = [
    *(influences, funnels, funnels_of_counts, trims, henmi, selections, permutations, clusters),
    *(binomial_normal, beta_binomials, bayesian),
]
