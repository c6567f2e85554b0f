# Reference values of the models that need integrals: run once, the tests read
# reference_integrals.json.
#
#   Rscript tests/metafor/reference_integrals.R
#
# Needs (Debian): r-cran-metafor r-cran-metadat r-cran-lme4 r-cran-numderiv. About ten minutes.
# metafor's rma.glmm stands beside integrals by the trapezoidal rule, maximised numerically: slow,
# plain, and independent of the Python code.

suppressMessages({library(metafor); library(metadat); library(numDeriv); library(lme4)})
options(warn = -1)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
source(file.path(here, "write_json.R"))
strip <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }

# Maximise f from start: quasi-Newton, then Newton steps with numerical derivatives.
climb <- function(f, start) {
  o <- nlminb(start, function(p) -f(p), control = list(rel.tol = 1e-14, x.tol = 1e-12,
              eval.max = 20000, iter.max = 5000))
  p <- o$par
  for (i in 1:4) {
    h <- hessian(f, p); g <- grad(f, p)
    new <- p - solve(h, g)
    if (!all(is.finite(new)) || f(new) < f(p) - 1e-9) break
    p <- new
  }
  list(par = p, value = f(p), cov = solve(-hessian(f, p, method.args = list(r = 6))))
}

# log of the integral of exp(g(z)) phi(z) over z, the peak found first; g takes a vector.
log_integral <- function(g) {
  h <- function(z) g(z) + dnorm(z, log = TRUE)
  top <- optimize(h, c(-30, 30), maximum = TRUE, tol = 1e-9)$maximum
  bend <- (h(top + 1e-3) - 2 * h(top) + h(top - 1e-3)) / 1e-6
  z <- top + seq(-14, 14, length.out = 281) / sqrt(max(-bend, 1e-3))
  v <- h(z)
  max(v) + log(sum(exp(v - max(v))) * (z[2] - z[1]))
}

plo <- function(x, n) {
  f <- function(p) sum(mapply(function(x, n)
    log_integral(function(z) dbinom(x, n, plogis(p[1] + p[2] * z), log = TRUE)), x, n))
  r <- climb(f, c(qlogis(sum(x) / sum(n)), 0.5))
  list(estimate = r$par[1], se = sqrt(r$cov[1, 1]), tau2 = r$par[2]^2, ll = r$value)
}

um_fs <- function(a, n1, c, n2) {
  k <- length(a)
  f <- function(p) sum(sapply(1:k, function(i) log_integral(function(z) {
    t <- p[1] + p[2] * z
    dbinom(a[i], n1[i], plogis(p[2 + i] + t / 2), log = TRUE) +
      dbinom(c[i], n2[i], plogis(p[2 + i] - t / 2), log = TRUE) })))
  start <- c(0, 0.5, qlogis((a + c) / (n1 + n2)))
  r <- climb(f, start)
  list(estimate = r$par[1], se = sqrt(r$cov[1, 1]), tau2 = r$par[2]^2, ll = r$value)
}

um_rs <- function(a, n1, c, n2) {
  k <- length(a)
  one <- function(i, p) {
    h <- function(u) {
      al <- p[3] + p[4] * u[1]; t <- p[1] + p[2] * u[2]
      a[i] * (al + t / 2) - n1[i] * log1p(exp(al + t / 2)) + c[i] * (al - t / 2) -
        n2[i] * log1p(exp(al - t / 2)) - sum(u^2) / 2
    }
    o <- optim(c(0, 0), h, method = "BFGS", control = list(fnscale = -1, reltol = 1e-12))
    root <- t(chol(solve(-hessian(h, o$par))))
    s <- seq(-7.5, 7.5, length.out = 61)
    g <- as.matrix(expand.grid(s, s))
    u <- sweep(g %*% t(root), 2, o$par, "+")
    al <- p[3] + p[4] * u[, 1]; t <- p[1] + p[2] * u[, 2]
    v <- dbinom(a[i], n1[i], plogis(al + t / 2), log = TRUE) +
      dbinom(c[i], n2[i], plogis(al - t / 2), log = TRUE) - rowSums(u^2) / 2 - log(2 * pi)
    max(v) + log(sum(exp(v - max(v))) * (s[2] - s[1])^2 * prod(diag(root)))
  }
  f <- function(p) sum(sapply(1:k, one, p = p))
  r <- climb(f, c(0, 0.5, qlogis(sum(a + c) / sum(n1 + n2)), 1))
  # Homogeneity: an odds ratio for each study against one for all, random intercepts in both.
  long <- data.frame(study = factor(rep(1:k, 2)), t = rep(c(0.5, -0.5), each = k), x = c(a, c), n = c(n1, n2))
  control <- glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-9))
  one <- glmer(cbind(x, n - x) ~ t + (1 | study), long, binomial, control, nAGQ = 25)
  all <- glmer(cbind(x, n - x) ~ study:t + (1 | study), long, binomial, control, nAGQ = 25)
  list(estimate = r$par[1], se = sqrt(r$cov[1, 1]), tau2 = r$par[2]^2, sigma2 = r$par[4]^2, ll = r$value,
       q = if (min(a, c) > 0) 2 * as.numeric(logLik(all) - logLik(one)) else NULL)
}

cm_el <- function(a, n1, c, n2) {
  use <- a + c > 0 & a + c < n1 + n2
  a <- a[use]; n1 <- n1[use]; c <- c[use]; n2 <- n2[use]
  one <- function(a, n1, s, n2, p) {
    u <- max(0, s - n2):min(n1, s)
    base <- lchoose(n1, u) + lchoose(n2, s - u)
    g <- function(z) sapply(p[1] + p[2] * z, function(t) {
      v <- base + u * t
      lchoose(n1, a) + lchoose(n2, s - a) + a * t - max(v) - log(sum(exp(v - max(v)))) })
    log_integral(g)
  }
  f <- function(p) sum(mapply(one, a, n1, a + c, n2, MoreArgs = list(p = p)))
  r <- climb(f, c(0, 0.5))
  list(estimate = r$par[1], se = sqrt(r$cov[1, 1]), tau2 = r$par[2]^2, ll = r$value)
}

metafor_glmm <- function(...) {
  r <- rma.glmm(...)
  list(estimate = as.numeric(r$beta), se = r$se, tau2 = r$tau2, sigma2 = strip(r$sigma2),
       ll = as.numeric(logLik(r)), q = r$QE.LRT, q_df = r$QE.df)
}
glmms <- list()
proportions <- list(
  pritz = list(events = dat.pritz1997$xi, totals = dat.pritz1997$ni),
  debruin = list(events = dat.debruin2009$xi, totals = dat.debruin2009$ni),
  bcg = list(events = dat.bcg$tpos, totals = dat.bcg$tpos + dat.bcg$tneg),
  catheter = list(events = dat.nielweise2007$ai, totals = dat.nielweise2007$n1i),
  # Made up: half of the studies without an event, where the integrands are steps, not bells.
  steps = list(events = c(0, 7, 2, 0, 0, 11, 60, 0, 15, 14, 0),
               totals = c(37, 105, 18, 148, 136, 86, 114, 87, 30, 67, 124)))
for (name in names(proportions)) {
  d <- proportions[[name]]
  glmms[[length(glmms) + 1]] <- list(model = "proportion", data = name, events = d$events,
    totals = d$totals, exact = plo(d$events, d$totals),
    metafor = metafor_glmm(measure = "PLO", xi = d$events, ni = d$totals, nAGQ = 25,
                           control = list(optCtrl = list(rhoend = 1e-10))))
}
tables <- list(
  bcg = with(dat.bcg, list(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg)),
  catheter = with(dat.nielweise2007, list(ai = ai, n1i = n1i, ci = ci, n2i = n2i)),
  magnesium = with(dat.egger2001[1:15, ], list(ai = ai, n1i = n1i, ci = ci, n2i = n2i)))
for (name in names(tables)) {
  d <- tables[[name]]
  use <- d$ai + d$ci > 0
  exact <- list(UM.FS = um_fs(d$ai[use], d$n1i[use], d$ci[use], d$n2i[use]),
                CM.EL = cm_el(d$ai, d$n1i, d$ci, d$n2i))
  if (name != "magnesium") exact$UM.RS <- um_rs(d$ai, d$n1i, d$ci, d$n2i)
  for (model in names(exact)) {
    m <- try(metafor_glmm(measure = "OR", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, model = model,
             nAGQ = if (model == "UM.FS") 25 else 1,
             control = if (model == "CM.EL") list(dnchgcalc = "dnoncenhypergeom") else list()), silent = TRUE)
    glmms[[length(glmms) + 1]] <- c(list(model = model, data = name), d,
      list(exact = exact[[model]], metafor = if (inherits(m, "try-error")) NULL else m))
  }
}

# With a moderator: the effect of each study is p[1] + p[2] times its own, the rest as above.
slopes <- function(n, p, x) p[1] + p[2] * x[n]
with_slope <- function(f, start) {
  r <- climb(f, start)
  list(estimate = r$par[1:2], se = sqrt(diag(r$cov))[1:2], tau2 = r$par[3]^2, ll = r$value)
}
regressed_plo <- function(x, n, mods) with_slope(function(p) sum(sapply(seq_along(x), function(i)
  log_integral(function(z) dbinom(x[i], n[i], plogis(slopes(i, p, mods) + p[3] * z), log = TRUE)))),
  c(qlogis(sum(x) / sum(n)), 0, 0.5))
regressed_um_fs <- function(a, n1, c, n2, mods) with_slope(function(p) sum(sapply(seq_along(a), function(i)
  log_integral(function(z) {
    t <- slopes(i, p, mods) + p[3] * z
    dbinom(a[i], n1[i], plogis(p[3 + i] + t / 2), log = TRUE) +
      dbinom(c[i], n2[i], plogis(p[3 + i] - t / 2), log = TRUE) }))),
  c(0, 0, 0.5, qlogis((a + c) / (n1 + n2))))
regressed_cm_el <- function(a, n1, c, n2, mods) with_slope(function(p) sum(sapply(seq_along(a), function(i) {
  s <- a[i] + c[i]
  u <- max(0, s - n2[i]):min(n1[i], s)
  base <- lchoose(n1[i], u) + lchoose(n2[i], s - u)
  log_integral(function(z) sapply(slopes(i, p, mods) + p[3] * z, function(t) {
    v <- base + u * t
    lchoose(n1[i], a[i]) + lchoose(n2[i], s - a[i]) + a[i] * t - max(v) - log(sum(exp(v - max(v)))) }))
  })), c(0, 0, 0.5))
latitude <- (dat.bcg$ablat - 33) / 10
random <- as.numeric(dat.bcg$alloc == "random")
bcg <- with(dat.bcg, list(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg))
regressions <- list()
for (mods in list(latitude, random)) {
  of <- list(proportion = regressed_plo(bcg$ci, bcg$n2i, mods),
             UM.FS = regressed_um_fs(bcg$ai, bcg$n1i, bcg$ci, bcg$n2i, mods),
             CM.EL = regressed_cm_el(bcg$ai, bcg$n1i, bcg$ci, bcg$n2i, mods))
  for (model in names(of))
    regressions[[length(regressions) + 1]] <-
      c(list(model = model, moderator = if (identical(mods, latitude)) "latitude" else "random",
             x = mods), bcg, of[[model]])
}

# ---- beta-binomial ---------------------------------------------------------------------------

log_bb <- function(x, n, mu, rho) {
  m <- (1 - rho) / rho
  lchoose(n, x) + lbeta(x + mu * m, n - x + (1 - mu) * m) - lbeta(mu * m, (1 - mu) * m)
}
bb_fit <- function(x, n, arm) {
  f <- function(p) sum(log_bb(x, n, plogis(p[1] + p[2] * arm), plogis(p[length(p)])))
  if (all(arm == 0)) f <- function(p) sum(log_bb(x, n, plogis(p[1]), plogis(p[2])))
  start <- if (all(arm == 0)) c(qlogis(sum(x) / sum(n)), -3) else c(qlogis(sum(x) / sum(n)), 0, -3)
  r <- climb(f, start)
  i <- if (all(arm == 0)) 1 else 2
  list(estimate = r$par[i], se = sqrt(r$cov[i, i]), rho = plogis(r$par[length(r$par)]), ll = r$value)
}
betabinomials <- c(
  lapply(names(proportions), function(s) c(list(data = s), proportions[[s]],
    bb_fit(proportions[[s]]$events, proportions[[s]]$totals, rep(0, length(proportions[[s]]$events))))),
  lapply(names(tables), function(s) with(tables[[s]], c(list(data = s), tables[[s]],
    bb_fit(c(ai, ci), c(n1i, n2i), rep(c(1, 0), each = length(ai))))))
)

# ---- Bayesian normal-normal ------------------------------------------------------------------

bayes_of <- function(y, v, log_prior, upper = Inf, mu_prior = NULL) {
  given <- function(t) {
    w <- 1 / (v + t^2); m <- sum(w * y) / sum(w); s2 <- 1 / sum(w)
    ll <- sum(dnorm(y, m, sqrt(v + t^2), log = TRUE)) + 0.5 * log(2 * pi * s2)
    if (!is.null(mu_prior)) {
      ll <- ll + dnorm(m, mu_prior[1], sqrt(s2 + mu_prior[2]^2), log = TRUE)
      p <- 1 / s2 + 1 / mu_prior[2]^2
      m <- (m / s2 + mu_prior[1] / mu_prior[2]^2) / p; s2 <- 1 / p
    }
    c(ll, m, s2)
  }
  g <- function(t) sapply(t, function(t) given(t)[1] + log_prior(t))
  top <- max(g(exp(seq(-8, 5, length.out = 400))[exp(seq(-8, 5, length.out = 400)) < upper]))
  # In pieces: R's integrate() misses narrow peaks on a long line.
  cuts <- c(0, 10^seq(-4, 3, by = 0.25)) * median(sqrt(v))
  cuts <- c(cuts[cuts < upper], upper)
  area <- function(h, to = Inf) {
    e <- unique(pmin(cuts, to))
    sum(sapply(seq_along(e)[-1], function(i)
      integrate(h, e[i - 1], e[i], rel.tol = 1e-12, subdivisions = 2000, stop.on.error = FALSE)$value))
  }
  dens <- function(t) exp(g(t) - top)
  z <- area(dens)
  at <- function(j, f) area(function(t) dens(t) * sapply(t, function(t) f(given(t), t))) / z
  mean_mu <- at(1, function(x, t) x[2])
  mean_tau <- at(1, function(x, t) t)
  cdf_mu <- function(q) at(1, function(x, t) pnorm(q, x[2], sqrt(x[3])))
  cdf_new <- function(q) at(1, function(x, t) pnorm(q, x[2], sqrt(x[3] + t^2)))
  cdf_tau <- function(q) area(dens, q) / z
  sd_mu <- sqrt(at(1, function(x, t) x[3] + (x[2] - mean_mu)^2))
  solve_for <- function(f, p, lo, hi) uniroot(function(q) f(q) - p, c(lo, hi), tol = 1e-13, extendInt = "upX")$root
  one <- 1
  b <- function(t) v[one] / (v[one] + t^2)
  list(yi = y, vi = v, mu_mean = mean_mu, mu_sd = sd_mu,
       mu_central = sapply(c(0.025, 0.5, 0.975), function(p) solve_for(cdf_mu, p, mean_mu - 9 * sd_mu, mean_mu + 9 * sd_mu)),
       new_central = sapply(c(0.025, 0.5, 0.975), function(p) solve_for(cdf_new, p, mean_mu - 30 * sd_mu, mean_mu + 30 * sd_mu)),
       tau_mean = mean_tau, tau_sd = sqrt(at(1, function(x, t) (t - mean_tau)^2)),
       tau_central = sapply(c(0.025, 0.5, 0.975), function(p) solve_for(cdf_tau, p, 1e-6, min(upper, 20 * max(sqrt(v)) + 5))),
       first_mean = at(1, function(x, t) b(t) * x[2] + (1 - b(t)) * y[one]),
       p_below_zero = cdf_mu(0), log_evidence = log(z) + top)
}
half_normal <- function(s) function(t) log(2) + dnorm(t, 0, s, log = TRUE)
half_cauchy <- function(s) function(t) log(2) + dcauchy(t, 0, s, log = TRUE)
schools <- list(y = c(28.39, 7.94, -2.75, 6.82, -0.64, 0.63, 18.01, 12.16),
                s = c(14.9, 10.2, 16.3, 11, 9.4, 11.4, 10.4, 17.6))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg <- list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi))
bayes <- list(
  c(list(family = "half-normal", scale = 0.5), bayes_of(bcg$yi, bcg$vi, half_normal(0.5))),
  c(list(family = "half-normal", scale = 0.5), bayes_of(bcg$yi[1:2], bcg$vi[1:2], half_normal(0.5))),
  c(list(family = "half-cauchy", scale = 0.5), bayes_of(bcg$yi[1:3], bcg$vi[1:3], half_cauchy(0.5))),
  c(list(family = "half-cauchy", scale = 25, mu_prior = list(0, 50)),
    bayes_of(schools$y, schools$s^2, half_cauchy(25), mu_prior = c(0, 50))),
  c(list(family = "uniform", scale = 4),
    bayes_of(bcg$yi[3:7], bcg$vi[3:7], function(t) -log(4), upper = 4)),
  c(list(family = "log-normal", scale = exp(-1.28), shape = 0.87),
    bayes_of(bcg$yi[3:7], bcg$vi[3:7], function(t) dlnorm(t, -1.28, 0.87, log = TRUE))),
  c(list(family = "half-normal", scale = 1), bayes_of(dat.hackshaw1998$yi, dat.hackshaw1998$vi, half_normal(1)))
)

write_json(list(about = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                             lme4 = as.character(packageVersion("lme4"))),
                glmm = glmms, glmm_regression = regressions, bayes = bayes, betabinomial = betabinomials),
           file.path(here, "reference_integrals.json"))
