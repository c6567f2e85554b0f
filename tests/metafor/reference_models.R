# Reference values of the deeper models: run once, the tests read reference_models.json.
#
#   Rscript tests/metafor/reference_models.R
#
# Needs (Debian): r-cran-metafor r-cran-metadat r-cran-clubsandwich r-cran-numderiv. Some minutes.
# metafor's iterations are tightened so that what is left is its definition, not its tolerance.
# What metafor does not offer, or only approximates, is in reference_integrals.R.

suppressMessages({library(metafor); library(metadat)})
options(warn = -1)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "write_json.R"))
tight <- list(threshold = 1e-13, maxiter = 100000)

strip <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }

# ---- data ------------------------------------------------------------------------------------

effects_of <- function(dat) list(yi = as.numeric(dat$yi), vi = as.numeric(dat$vi))
sets <- list(
  bcg = escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  magnesium = escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001),
  smoke = dat.hackshaw1998,
  writing = dat.bangertdrowns2004,
  teacher = dat.raudenbush1985,
  adherence = escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014),
  stroke = escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                  n2i = n2i, data = dat.normand1999),
  chemo = data.frame(yi = dat.pignon2000$OmE / dat.pignon2000$V, vi = 1 / dat.pignon2000$V),
  streptokinase = escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lau1992),
  catheter = escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.nielweise2007)
)
moderators <- list(
  bcg = cbind(dat.bcg$ablat, dat.bcg$year),
  writing = cbind(dat.bangertdrowns2004$grade),
  teacher = cbind(dat.raudenbush1985$weeks)
)

# ---- influence, Baujat -----------------------------------------------------------------------

influence_of <- function(dat, method, mods = NULL) {
  res <- if (is.null(mods)) rma(yi, vi, data = dat, method = method, control = tight)
         else rma(yi, vi, mods = mods, data = dat, method = method, control = tight)
  inf <- influence(res)
  x <- as.list(inf$inf)
  b <- baujat(res)
  list(rstudent = strip(x$rstudent), dffits = strip(x$dffits), cooks_distance = strip(x$cook.d),
       covariance_ratio = strip(x$cov.r), tau2_deleted = strip(x$tau2.del),
       q_deleted = strip(x$QE.del), hat = strip(x$hat), weight = strip(x$weight),
       dfbetas = unname(lapply(unclass(dfbetas(res))[seq_len(res$p)], strip)),
       baujat_x = strip(b$x), baujat_y = strip(b$y),
       influential = as.logical(inf$is.infl))
}
pdf(NULL)

# ---- small-study effects ---------------------------------------------------------------------

line <- function(fit) {
  s <- summary(fit)$coefficients
  list(limit = s[1, 1], limit_se = s[1, 2], estimate = s[2, 1], se = s[2, 2],
       statistic = s[2, 3], p_value = s[2, 4])
}
small_study_of <- function(dat) {
  e <- regtest(dat$yi, dat$vi, model = "lm")
  m <- regtest(rma(yi, vi, data = dat, control = tight))
  b <- ranktest(dat$yi, dat$vi)
  list(egger = c(list(zval = e$zval, p = e$pval, df = e$dfs, est = e$est, lb = e$ci.lb, ub = e$ci.ub),
                 line(lm(yi ~ sqrt(vi), weights = 1 / vi, data = dat))),
       mixed = list(statistic = m$zval, p_value = m$pval, limit = as.numeric(m$est),
                    limit_low = as.numeric(m$ci.lb), limit_high = as.numeric(m$ci.ub),
                    estimate = m$fit$beta[2], se = m$fit$se[2]),
       peese = line(lm(yi ~ vi, weights = 1 / vi, data = dat)),
       begg = list(tau = as.numeric(b$tau), p_value = as.numeric(b$pval)),
       rosenthal = fsn(yi, vi, data = dat)$fsnum, orwin = fsn(yi, data = dat, type = "Orwin")$fsnum,
       orwin_weighted = fsn(yi, vi, data = dat, type = "Orwin", weighted = TRUE)$fsnum,
       rosenberg = fsn(yi, vi, data = dat, type = "Rosenberg")$fsnum)
}
counts <- list(
  bcg = with(dat.bcg, data.frame(ai = tpos, bi = tneg, ci = cpos, di = cneg)),
  magnesium = with(dat.egger2001, data.frame(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci)),
  streptokinase = with(dat.lau1992, data.frame(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci)),
  catheter = with(dat.nielweise2007, data.frame(ai = ai, bi = n1i - ai, ci = ci, di = n2i - ci))
)
counts_of <- function(d) {
  d[] <- lapply(d, as.numeric)  # R's whole numbers overflow in the product of four margins
  d <- d[d$ai + d$ci > 0 & d$bi + d$di > 0, ]
  es <- escalc(measure = "OR", ai = ai, bi = bi, ci = ci, di = di, data = d)
  n1 <- d$ai + d$bi; n2 <- d$ci + d$di; n <- n1 + n2; e <- d$ai + d$ci; f <- d$bi + d$di
  z <- d$ai - e * n1 / n
  v <- n1 * n2 * e * f / (n^2 * (n - 1))
  w <- 1 / (1 / e + 1 / f)
  x <- 1 / n
  r <- 1 / sqrt(v)
  list(yi = as.numeric(es$yi), peters = line(lm(es$yi ~ x, weights = w)),
       macaskill = line(lm(es$yi ~ n, weights = w)), harbord = line(lm(I(z / v) ~ r, weights = v)))
}

# ---- trim and fill ---------------------------------------------------------------------------

trim_of <- function(dat, method, estimator, side = NULL) {
  res <- rma(yi, vi, data = dat, method = method, control = tight)
  tf <- try(trimfill(res, estimator = estimator, side = side, control = tight), silent = TRUE)
  if (inherits(tf, "try-error")) return(list(settled = FALSE))
  list(settled = TRUE, side = tf$side, k0 = tf$k0, se_k0 = tf$se.k0, p_k0 = strip(tf$p.k0),
       estimate = as.numeric(tf$beta), se = tf$se, tau2 = tf$tau2, q = tf$QE)
}
trims <- list()
for (name in c("bcg", "magnesium", "smoke", "writing", "adherence", "chemo", "streptokinase"))
  for (method in c("REML", "DL", "FE")) for (estimator in c("L0", "R0"))
    trims[[length(trims) + 1]] <- c(list(data = name, method = method, estimator = estimator),
                                    trim_of(sets[[name]], method, estimator))
for (side in c("left", "right"))
  trims[[length(trims) + 1]] <- c(list(data = "magnesium", method = "DL", estimator = "L0", asked = side),
                                  trim_of(sets$magnesium, "DL", "L0", side))

# ---- Henmi & Copas ---------------------------------------------------------------------------

hc_of <- function(dat) {
  h <- hc(rma(yi, vi, data = dat, method = "DL"), control = list(tol = 1e-13, maxiter = 10000))
  list(estimate = as.numeric(h$beta), se = as.numeric(h$se), tau2 = h$tau2,
       ci_low = as.numeric(h$ci.lb), ci_high = as.numeric(h$ci.ub))
}

# ---- selection models ------------------------------------------------------------------------

# The likelihood can have two tops, and the optimisers stop at different places near each: the
# highest end of all starts and optimisers is taken. From metafor's own start alone, "magnesium"
# with one step ends at -18.84 instead of -17.30, and "writing" with beta at -14.57 for -13.64.
optimisers <- list(list(optimizer = "nlminb"), list(optimizer = "BFGS", reltol = 1e-15, maxit = 10000),
                   list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 50000))
select_of <- function(name, type, alternative, steps = NULL) {
  res <- rma(yi, vi, data = sets[[name]], method = "ML", control = tight)
  best <- NULL
  low <- list(beta.init = 0, tau2.init = 1e-3, delta.init = if (type == "beta") c(0.4, 1) else 0.1)
  for (start in list(list(), low)) for (control in if (type == "beta") optimisers[1] else optimisers) {
    args <- list(res, type = type, alternative = alternative,
                 control = c(control, start, list(hessianCtrl = list(r = 8))))
    if (!is.null(steps)) args$steps <- steps
    if (type == "beta") args$control$intCtrl <- list(rel.tol = 1e-9)
    s <- try(do.call(selmodel, args), silent = TRUE)
    if (!inherits(s, "try-error") && (is.null(best) || logLik(s) > logLik(best))) best <- s
  }
  if (is.null(best)) return(NULL)
  s <- best
  list(data = name, type = type, alternative = alternative, steps = steps,
       estimate = as.numeric(s$beta), se = s$se, tau2 = s$tau2, se_tau2 = s$se.tau2,
       delta = strip(s$delta), se_delta = strip(s$se.delta), ll = as.numeric(logLik(s)),
       lrt = s$LRT, lrt_p = s$LRTp)
}
selections <- list(
  select_of("magnesium", "stepfun", "less", c(0.025)),
  select_of("magnesium", "stepfun", "less", c(0.025, 0.5)),
  select_of("writing", "stepfun", "greater", c(0.025)),
  select_of("writing", "stepfun", "greater", c(0.05, 0.5)),
  select_of("smoke", "stepfun", "greater", c(0.025)),
  select_of("smoke", "stepfun", "two.sided", c(0.05)),
  select_of("adherence", "stepfun", "greater", c(0.025)),
  select_of("streptokinase", "stepfun", "less", c(0.025)),
  select_of("adherence", "beta", "greater"),
  select_of("writing", "beta", "greater"),
  select_of("bcg", "beta", "less")
)

# ---- permutation tests of meta-regression ----------------------------------------------------

permuted <- function(dat, mods, method, test) {
  res <- rma(yi, vi, mods = mods, data = dat, method = method, test = test, control = tight)
  p <- permutest(res, exact = TRUE, progbar = FALSE, control = tight)
  list(yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), x = mods, tau2 = method, test = test,
       p = strip(p$pval), qm_p = p$QMp)
}
one <- sets$bcg[c(1, 3, 5, 7, 9, 11, 13), ]
two <- sets$teacher[1:6, ]
permutations <- list(
  permuted(one, dat.bcg$ablat[c(1, 3, 5, 7, 9, 11, 13)], "DL", "z"),
  permuted(two, dat.raudenbush1985$weeks[1:6], "REML", "knha"),
  permuted(one, cbind(dat.bcg$ablat, dat.bcg$year)[c(1, 3, 5, 7, 9, 11, 13), ], "FE", "z"))

# ---- effects within studies, robust variances ------------------------------------------------

multilevel_of <- function(dat, cluster, mods = NULL) {
  dat$cluster <- cluster
  dat$row <- seq_len(nrow(dat))
  mv <- function(...) {
    args <- list(dat$yi, dat$vi, random = ~ 1 | cluster/row, data = dat, ...)
    if (!is.null(mods)) args$mods <- mods
    do.call(rma.mv, args)
  }
  # The optimiser refuses to confirm a tolerance it cannot reach: the tightest it grants.
  for (tol in 10^-(15:9)) {
    res <- try(mv(control = list(optimizer = "nlminb", rel.tol = tol)), silent = TRUE)
    if (!inherits(res, "try-error")) break
  }
  # Up to 8e-7 from the top still; Newton's steps on its likelihood take the rest.
  top <- res$sigma2
  for (i in 1:3) {
    f <- function(s) as.numeric(logLik(mv(sigma2 = s)))
    top <- top - solve(numDeriv::hessian(f, top), numDeriv::grad(f, top))
  }
  res <- mv(sigma2 = top)
  rob <- robust(res, cluster = dat$cluster, clubSandwich = TRUE)
  found <- list(
    yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), cluster = as.character(cluster),
    estimate = as.numeric(res$beta), se = res$se, sigma2 = res$sigma2, ll = as.numeric(logLik(res)),
    q = res$QE, robust_se = rob$se, robust_df = as.numeric(rob$dfs), robust_p = rob$pval)
  if (is.null(mods)) return(found)
  c(found, list(
    x = mods, p_value = res$pval, qm = res$QM, qm_p = res$QMp,
    robust_qm = rob$QM, robust_qm_df = as.numeric(rob$QMdf), robust_qm_p = rob$QMp))
}
library(clubSandwich)
robust_of <- function(dat, cluster, mods = NULL) {
  res <- if (is.null(mods)) rma(yi, vi, data = dat, control = tight)
         else rma(yi, vi, mods = mods, data = dat, control = tight)
  test <- coef_test(res, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  list(yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), cluster = as.character(cluster), x = mods,
       estimate = test$beta, se = test$SE, df = test$df, p_value = test$p_Satt)
}
assink <- dat.assink2016
konstantopoulos <- dat.konstantopoulos2011
multilevels <- list(
  konstantopoulos = multilevel_of(konstantopoulos, konstantopoulos$district),
  assink = multilevel_of(assink, assink$study),
  crede = multilevel_of(
    escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010[dat.crede2010$criterion == "grade", ]),
    dat.crede2010$studyid[dat.crede2010$criterion == "grade"])
)
# Years near 0, and a moderator of studies beside one of effects.
multilevel_regressions <- list(
  konstantopoulos = multilevel_of(
    konstantopoulos, konstantopoulos$district, cbind((konstantopoulos$year - 1990) / 10)),
  assink = multilevel_of(assink, assink$study, cbind(assink$year, assink$deltype == "overt")),
  crede = multilevel_of(
    escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010[dat.crede2010$criterion == "grade", ]),
    dat.crede2010$studyid[dat.crede2010$criterion == "grade"],
    cbind(dat.crede2010$class[dat.crede2010$criterion == "grade"] == "science"))
)
robusts <- list(
  konstantopoulos = robust_of(konstantopoulos, konstantopoulos$district),
  year = robust_of(konstantopoulos, konstantopoulos$district, konstantopoulos$year - 1990),
  assink = robust_of(assink, assink$study, assink$year),
  bcg = robust_of(sets$bcg, dat.bcg$alloc, NULL),
  singles = robust_of(sets$bcg, seq_len(13), dat.bcg$ablat)
)

# ---- all of it ------------------------------------------------------------------------------

out <- list(
  about = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
               metadat = as.character(packageVersion("metadat")),
               clubSandwich = as.character(packageVersion("clubSandwich"))),
  sets = lapply(sets, effects_of), moderators = moderators, counts = counts,
  influence = c(
    unlist(lapply(c("REML", "DL", "FE"), function(m) lapply(names(sets), function(s)
      c(list(data = s, method = m, moderators = FALSE), influence_of(sets[[s]], m)))), recursive = FALSE),
    lapply(names(moderators), function(s)
      c(list(data = s, method = "REML", moderators = TRUE), influence_of(sets[[s]], "REML", moderators[[s]])))),
  small_study = lapply(sets, small_study_of), counts_tests = lapply(counts, counts_of),
  trim_fill = trims, henmi_copas = lapply(sets, hc_of), selection = Filter(Negate(is.null), selections),
  permutation = permutations, multilevel = multilevels,
  multilevel_regression = multilevel_regressions, robust = robusts)
write_json(out, file.path(here, "reference_models.json"))
