"""Estimators of the heterogeneity variance tau², each solved to its root.

| code | estimator | source |
|---|---|---|
| FE   | none: tau² = 0, the common-effect model | |
| DL   | DerSimonian-Laird, method of moments with weights 1/v | Control Clin Trials 1986;7:177 |
| DL2  | two-step DL: moments with weights 1/(v + DL) | DerSimonian & Kacker 2007 |
| HE   | Hedges(-Olkin), moments with equal weights | Hedges & Olkin 1985 |
| HS   | Hunter-Schmidt | Viechtbauer 2005 |
| SJ   | Sidik-Jonkman, started from the variance of the effects | Appl Stat 2005;54:367 |
| ML   | maximum likelihood | Hardy & Thompson 1996 |
| REML | restricted maximum likelihood | Viechtbauer 2005 |
| PM   | Paule-Mandel: Q(tau²) = k - p | J Res NBS 1982;87:377 |
| EB   | empirical Bayes (Morris); the same root as PM | Morris 1983 |

All are cut off at 0. With moderators, Q is the residual Q and p counts the coefficients.
"""

import numpy as np

from livingmeta.pooling.engines import likelihood, scalar
from livingmeta.pooling.engines.inputs import Rows

METHODS = ("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DL2")


def estimate(method: str, rows: Rows, x: np.ndarray | None = None) -> np.ndarray:
    """tau² (R,) of every row of `rows` (inputs.Rows) by `method`; `x` (R, K, p) is the design.

    0 where a row has no residual degree of freedom.
    """
    if method == "FE":
        return np.zeros(rows.k.size)
    if method in ("ML", "REML"):
        if _small(rows, x):
            lists = rows.y[0].tolist(), rows.v[0].tolist()
            return np.array([scalar.maximise(rows, *lists, method == "REML")])
        return likelihood.maximise(rows, x, method == "REML")
    if method in ("PM", "EB"):
        return q_root(rows, rows.k - (1 if x is None else x.shape[2]), x)
    df = rows.k - (1 if x is None else x.shape[2])
    return np.where(df > 0, np.maximum(MOMENTS[method](rows, x), 0.0), 0.0)


def _small(rows, x):
    return x is None and rows.k.size == 1 and rows.pad is None and 1 < rows.k[0] <= scalar.LARGEST


def regress(
    w: np.ndarray, rows: Rows, x: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted least squares a row: coefficients (R, p), their covariance with weights taken as
    inverse variances (R, p, p), residuals (R, K); p = 1 and the design all ones where x is None.
    """
    if x is None:
        total = w @ np.ones(w.shape[1])  # for short rows faster than a sum over the axis
        mean = np.vecdot(w, rows.y) / total
        return mean[:, None], (1.0 / total)[:, None, None], rows.y - mean[:, None]
    root = np.sqrt(w)
    # QR of the weighted design is kinder to nearly collinear moderators than X'WX.
    basis, triangle = np.linalg.qr(root[:, :, None] * x)
    inverse = np.linalg.inv(triangle)
    b = inverse @ (np.swapaxes(basis, 1, 2) @ (root * rows.y)[:, :, None])
    return b[:, :, 0], inverse @ np.swapaxes(inverse, 1, 2), rows.y - (x @ b)[:, :, 0]


def traces(a: np.ndarray, rows: Rows, x: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """tr(P_a) and tr(P_a V) for P_a = A - AX(X'AX)^-1 X'A with A = diag(a), a (R, K)."""
    v = rows.v if rows.pad is None else np.where(rows.pad, 0.0, rows.v)
    if x is None:
        total = a @ np.ones(a.shape[1])
        free = _others(a, total) / total[:, None]
        return np.vecdot(a, free), np.vecdot(a * v, free)
    basis, _ = np.linalg.qr(np.sqrt(a)[:, :, None] * x)
    hat = np.vecdot(basis, basis)
    return np.vecdot(a, 1.0 - hat), np.vecdot(a * v, 1.0 - hat)


def _others(a, total):
    """The sum of the other weights of the row, for each weight; without cancellation where one
    outweighs the rest."""
    others = total[:, None] - a
    for row in np.flatnonzero((others < 0.01 * a).any(1)):
        top = a[row].argmax()
        others[row, top] = a[row, :top].sum() + a[row, top + 1 :].sum()
    return others


def moments(a: np.ndarray, rows: Rows, x: np.ndarray | None = None) -> np.ndarray:
    """The general method-of-moments tau² (R,) for weights a (R, K), before the cut at 0.

    DerSimonian & Kacker 2007, equation 6: (Q_a - tr(P_a V)) / tr(P_a).
    """
    _, _, r = regress(a, rows, x)
    plain, weighted = traces(a, rows, x)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.vecdot(a * r, r) - weighted) / plain


def _weights(rows, tau2=0.0):
    return 1.0 / (rows.v + tau2)


def _equal(rows):
    return np.ones(rows.y.shape) if rows.pad is None else (~rows.pad).astype(float)


def _dl(rows, x):
    return moments(_weights(rows), rows, x)


def _dl2(rows, x):
    first = np.maximum(_dl(rows, x), 0.0)
    return moments(_weights(rows, first[:, None]), rows, x)


def _he(rows, x):
    return moments(_equal(rows), rows, x)


def _hs(rows, x):
    w = _weights(rows)
    _, _, r = regress(w, rows, x)
    return (np.vecdot(w * r, r) - rows.k) / w.sum(1)


def _sj(rows, x):
    inside = _equal(rows)
    centred = inside * (rows.y - (np.vecdot(inside, rows.y) / rows.k)[:, None])
    first = np.vecdot(centred, centred) / rows.k
    w = _weights(rows, first[:, None])
    _, _, r = regress(w, rows, x)
    df = rows.k - (1 if x is None else x.shape[2])
    return first * np.vecdot(w * r, r) / np.maximum(df, 1)


MOMENTS = {"DL": _dl, "DL2": _dl2, "HE": _he, "HS": _hs, "SJ": _sj}


def q_root(rows: Rows, target: np.ndarray, x: np.ndarray | None = None) -> np.ndarray:
    """The tau² (R,) >= 0 at which the (residual) Q equals `target` (R,), 0 where none does.

    Q falls as tau² rises and 1/Q is concave, so Newton's steps on 1/Q from 0 never pass the root
    and need no bracket. With target k - p this is Paule-Mandel; with quantiles of chi-squared it
    gives the limits of the Q-profile interval (Viechtbauer 2007, Stat Med 26:37).
    """
    target = np.broadcast_to(np.asarray(target, float), rows.k.shape)
    if _small(rows, x):
        ys, vs = rows.y[0].tolist(), rows.v[0].tolist()
        return np.array([scalar.q_root(ys, vs, float(target[0]))])
    t = np.zeros(rows.k.size)
    moving = np.flatnonzero(target > 0.0)
    low = rows.v.min(1)
    for _ in range(2 * likelihood.HALVINGS):
        if not moving.size:
            break
        part = rows if moving.size == t.size else rows.take(moving)
        w = _weights(part, t[moving, None])
        _, _, r = regress(w, part, None if x is None else x[moving])
        wr = w * r
        q, a = np.vecdot(wr, r), np.vecdot(wr, wr)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.where(a > 0.0, q * (q / target[moving] - 1.0) / a, 0.0)
        old = t[moving]
        t[moving] = np.maximum(old + step, 0.0)
        moving = moving[step > likelihood.SETTLED * (old + low[moving])]
    return t
