# Repeats the pooled results of this review with metafor, an independent program.
#
#   Rscript metafor.R
#
# It reads metafor_effects.csv and metafor_results.csv beside it, prints how far each result is from
# ours, and ends with an error where one differs by more than a millionth of its standard error.
# Effects, estimates and limits are on the scale on which they were pooled: log for ratios.
#
# Further packages, for what needs them: lme4 (binomial-normal models), clubSandwich (CR2), numDeriv
# (both, and multilevel and beta-binomial models). Without one its results are listed as not repeated.
# metafor has no beta-binomial model and no Bayesian one: their likelihood and integrals are written
# out below, in plain R.

suppressMessages(library(metafor))
named <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
here <- if (length(named)) dirname(named) else "."
read <- function(name) {
  read.csv(file.path(here, name), encoding = "UTF-8", stringsAsFactors = FALSE,
           colClasses = c(study_id = "character", set = "character", group = "character",
                          effect = "character", cluster = "character", subgroup = "character",
                          model = "character", synthesis = "character", why = "character",
                          call = "character", method = "character", test = "character",
                          form = "character"))
}
effects <- suppressWarnings(read("metafor_effects.csv"))
results <- suppressWarnings(read("metafor_results.csv"))
# metafor's iterations end at its definitions, not at its tolerances.
tight <- list(threshold = 1e-12, tol = 1e-12, maxiter = 10000)
NEAR <- 1e-6  # standard errors that a result may be off

# Estimate, standard error and limits of a normal interval.
wald <- function(estimate, se, level)
  list(beta = estimate, se = se, ci.lb = estimate - qnorm((1 + level) / 2) * se,
       ci.ub = estimate + qnorm((1 + level) / 2) * se)

# Newton's steps to the root of the score of a log-likelihood f from near its peak; entries in
# `spread` are standard deviations, and one that is nothing is held there. `score`: its derivatives
# where they can be written out; numerical ones lose digits where f is a sum of large numbers.
climb <- function(f, par, spread = integer(), score = NULL) {
  free <- setdiff(seq_along(par), spread[abs(par[spread]) < 1e-3])
  if (!length(free)) return(list(par = par, cov = matrix(0, length(par), length(par))))
  with <- function(x) { par[free] <- x; par }
  slope <- if (is.null(score)) function(x) numDeriv::grad(function(x) f(with(x)), x)
           else function(x) score(with(x))[free]
  bend <- if (is.null(score)) function(x) numDeriv::hessian(function(x) f(with(x)), x)
          else function(x) numDeriv::jacobian(slope, x)
  x <- par[free]
  for (i in 1:8) {
    step <- solve(bend(x), slope(x))
    x <- x - step * min(1, 1 / max(abs(step)))
    if (max(abs(step)) < 1e-10) break
  }
  par[free] <- x
  cov <- matrix(0, length(par), length(par))
  cov[free, free] <- solve(-bend(x))
  list(par = par, cov = cov)
}

# Nodes and log weights of Gauss and Hermite for a standard normal, by their Jacobi matrix.
hermite <- function(n) {
  jacobi <- matrix(0, n, n)
  jacobi[cbind(1:(n - 1), 2:n)] <- jacobi[cbind(2:n, 1:(n - 1))] <- sqrt(1:(n - 1))
  e <- eigen(jacobi, symmetric = TRUE)
  list(z = e$values, w = log(e$vectors[1, ]^2))
}
log_sum <- function(v) max(v) + log(sum(exp(v - max(v))))

# Random intercepts beside random effects (UM.RS): lme4 has Laplace's approximation alone for two
# random effects of a study, so the integrals are taken here, around each study's own peak.
of_random_intercepts <- function(d) {
  rule <- hermite(25)
  grid <- as.matrix(expand.grid(rule$z, rule$z))
  weight <- rowSums(expand.grid(rule$w, rule$w)) + rowSums(grid^2) / 2
  sign <- c(0.5, -0.5)
  function(p) {  # effect, its deviation, intercept, its deviation
    sum(vapply(seq_len(nrow(d)), function(i) {
      x <- c(d$ai[i], d$ci[i]); n <- x + c(d$bi[i], d$di[i])
      slope <- cbind(p[4], sign * p[2])
      u <- c(0, 0)
      for (step in 1:100) {
        q <- plogis(p[3] + sign * p[1] + drop(slope %*% u))
        bend <- diag(2) + t(slope) %*% (n * q * (1 - q) * slope)
        move <- drop(solve(bend, t(slope) %*% (x - n * q) - u))
        u <- u + move * min(1, 2 / max(abs(move), 1e-300))
        if (max(abs(move)) < 1e-12) break
      }
      root <- t(chol(solve(bend)))
      at <- sweep(grid %*% t(root), 2, u, "+")
      v <- -rowSums(at^2) / 2
      for (arm in 1:2) {
        eta <- p[3] + sign[arm] * p[1] + drop(at %*% slope[arm, ])
        v <- v + x[arm] * eta - n[arm] * (pmax(eta, 0) + log1p(exp(-abs(eta))))
      }
      log_sum(v + weight) + sum(log(diag(root)))
    }, 0))
  }
}

# Both margins of each table held fixed (CM.EL): the exact distribution, integrated likewise.
of_margins <- function(d) {
  rule <- hermite(60)
  parts <- lapply(seq_len(nrow(d)), function(i) {
    n1 <- d$ai[i] + d$bi[i]; n2 <- d$ci[i] + d$di[i]; s <- d$ai[i] + d$ci[i]
    u <- max(0, s - n2):min(n1, s)
    list(u = u - d$ai[i], base = lchoose(n1, u) + lchoose(n2, s - u))
  })
  one <- function(part, eta)
    -vapply(eta, function(t) log_sum(part$base + part$u * t), 0)
  function(p) {  # effect, its deviation
    sum(vapply(parts, function(part) {
      z <- 0
      for (step in 1:100) {
        v <- part$base + part$u * (p[1] + p[2] * z)
        w <- exp(v - log_sum(v)); mean <- sum(w * part$u)
        bend <- 1 + p[2]^2 * sum(w * (part$u - mean)^2)
        move <- (-p[2] * mean - z) / bend
        z <- z + move * min(1, 2 / max(abs(move), 1e-300))
        if (abs(move) < 1e-12) break
      }
      at <- z + rule$z / sqrt(bend)
      log_sum(one(part, p[1] + p[2] * at) - at^2 / 2 + rule$w + rule$z^2 / 2) - log(bend) / 2
    }, 0))
  }
}

# A binomial-normal model: metafor's fit, and from there to the peak of the likelihood, short of
# which its optimisers and lme4's standard errors stay. `short`: by how many standard errors.
binomial_normal <- function(r, d) {
  if (r$measure == "PLO") {
    start <- rma.glmm(xi = ai, mi = bi, data = d, measure = "PLO", nAGQ = 25)
  } else {
    control <- if (r$form == "CM.EL") list(dnchgcalc = "dnoncenhypergeom") else list()
    start <- rma.glmm(ai = ai, bi = bi, ci = ci, di = di, data = d, measure = "OR", model = r$form,
                      nAGQ = if (r$form == "UM.FS") 25 else 1, control = control,
                      drop00 = r$form != "UM.RS")
  }
  tau <- sqrt(start$tau2)
  if (r$measure != "PLO" && r$form == "UM.RS") {
    events <- sum(d$ai + d$ci); all <- sum(d$ai + d$bi + d$ci + d$di)
    first <- c(start$beta[1], tau, qlogis(events / all), sqrt(start$sigma2))
    f <- of_random_intercepts(d)
    inner <- nlminb(first, function(p) -f(p))$par
    peak <- climb(f, inner, c(2, 4)); at <- 1
  } else if (r$measure != "PLO" && r$form == "CM.EL") {
    seen <- d$ai + d$ci > 0 & d$bi + d$di > 0
    peak <- climb(of_margins(d[seen, ]), c(start$beta[1], tau), 2); at <- 1
  } else {
    if (r$measure == "PLO") {
      long <- data.frame(x = d$ai, m = d$bi, study = factor(seq_len(nrow(d))))
      fixed <- cbind(x, m) ~ 1; form <- cbind(x, m) ~ 1 + (1 | study)
    } else {
      d <- d[d$ai + d$ci > 0 & d$bi + d$di > 0, ]
      long <- data.frame(x = c(d$ai, d$ci), m = c(d$bi, d$di), arm = rep(c(0.5, -0.5), each = nrow(d)),
                         study = factor(rep(seq_len(nrow(d)), 2)))
      if (nrow(d) > 1) fixed <- cbind(x, m) ~ 0 + study + arm
      form <- cbind(x, m) ~ 0 + study + arm + (0 + arm | study)
    }
    if (tau < 1e-3) {
      one <- glm(fixed, binomial, long, control = list(epsilon = 1e-14, maxit = 100))
      at <- length(coef(one)); peak <- list(par = coef(one), cov = vcov(one))
    } else {
      one <- lme4::glmer(form, long, binomial, nAGQ = 25)
      deviance <- lme4::glmer(form, long, binomial, nAGQ = 25, devFunOnly = TRUE)
      first <- c(lme4::getME(one, "theta"), lme4::fixef(one)); at <- length(first)
      peak <- climb(function(p) -deviance(p) / 2, first, 1)
    }
  }
  found <- wald(peak$par[[at]], sqrt(peak$cov[at, at]), r$level)
  c(found, list(short = max(abs(c(start$beta[1] - found$beta, start$se - found$se))) / found$se))
}

# Effects in clusters: metafor's fit, and Newton's steps on its likelihood from there.
in_clusters <- function(r, d, mods) {
  d$row <- seq_len(nrow(d))
  at <- function(s) rma.mv(yi, vi, mods = mods, random = ~ 1 | cluster/row, data = d, sigma2 = s,
                           level = 100 * r$level)
  first <- rma.mv(yi, vi, mods = mods, random = ~ 1 | cluster/row, data = d)
  log_likelihood <- function(s) as.numeric(logLik(at(s^2)))
  s <- sqrt(first$sigma2)
  s[first$sigma2 < 1e-6 * mean(d$vi)] <- 0
  at(climb(log_likelihood, s, 1:2)$par^2)
}

# Two arms or one, with beta-distributed risks and one correlation within studies.
beta_binomial <- function(r, d) {
  x <- d$ai; n <- d$ai + d$bi; design <- cbind(rep(1, nrow(d)))
  if (r$measure != "PLO") {
    x <- c(d$ai, d$ci); n <- c(n, d$ci + d$di)
    design <- cbind(1, rep(1:0, each = nrow(d)))
  }
  at <- ncol(design)
  plain <- glm(cbind(x, n - x) ~ 0 + design, family = binomial,
               control = list(epsilon = 1e-14, maxit = 100))
  f <- function(p) {
    mu <- plogis(drop(design %*% p[1:at])); m <- exp(-p[at + 1])
    sum(lgamma(x + mu * m) - lgamma(mu * m) + lgamma(n - x + (1 - mu) * m) - lgamma((1 - mu) * m) -
          lgamma(n + m) + lgamma(m))
  }
  score <- function(p) {
    mu <- plogis(drop(design %*% p[1:at])); m <- exp(-p[at + 1])
    of_x <- digamma(x + mu * m) - digamma(mu * m)
    of_rest <- digamma(n - x + (1 - mu) * m) - digamma((1 - mu) * m)
    by_m <- mu * of_x + (1 - mu) * of_rest - digamma(n + m) + digamma(m)
    c(crossprod(design, mu * (1 - mu) * m * (of_x - of_rest)), -m * sum(by_m))
  }
  peaks <- lapply(c(-7, -4, -1.5), function(rho) nlminb(c(coef(plain), rho), function(p) -f(p)))
  best <- peaks[[which.min(vapply(peaks, function(p) p$objective, 0))]]$par
  if (best[at + 1] < -13)  # no correlation: the binomial model
    return(wald(coef(plain)[[at]], sqrt(vcov(plain)[at, at]), r$level))
  peak <- climb(f, best, score = score)
  wald(peak$par[[at]], sqrt(peak$cov[at, at]), r$level)
}

# Effects ~ N(mu, vi + tau^2) with a flat prior of mu and a half-normal one of tau: mu is a mixture
# of normals over tau. The integrand is even in tau, where equal steps are as good as any.
bayesian <- function(r, d) {
  tau <- seq(0, 9 * r$scale, length.out = 20001)
  sums <- vapply(tau, function(t) {
    w <- 1 / (d$vi + t^2); m <- sum(w * d$yi) / sum(w)
    c(m, 1 / sqrt(sum(w)), sum(log(w)) / 2 - log(sum(w)) / 2 - sum(w * (d$yi - m)^2) / 2)
  }, c(0, 0, 0))
  v <- sums[3, ] - (tau / r$scale)^2 / 2
  p <- exp(v - max(v)); p[1] <- p[1] / 2; p <- p / sum(p)
  mean <- sum(p * sums[1, ]); sd <- sqrt(sum(p * (sums[2, ]^2 + (sums[1, ] - mean)^2)))
  quantile <- function(share)
    uniroot(function(x) sum(p * pnorm(x, sums[1, ], sums[2, ])) - share,
            mean + c(-60, 60) * sd, tol = 1e-14)$root
  tail <- (1 - r$level) / 2
  list(beta = quantile(0.5), se = sd, ci.lb = quantile(tail), ci.ub = quantile(1 - tail))
}

# Random effects; DL2 is metafor's general estimator with weights from DL.
effects_of <- function(r, d, ...) {
  level <- 100 * r$level
  if (r$method == "DL2") {
    first <- rma(yi, vi, data = d, method = "DL", ...)$tau2
    d$w <- 1 / (d$vi + first)
    second <- rma(yi, vi, weights = w, data = d, method = "GENQ", ...)$tau2
    return(rma(yi, vi, data = d, tau2 = second, test = r$test, level = level, ...))
  }
  test <- if (r$test == "CR2") "z" else r$test
  rma(yi, vi, data = d, method = r$method, test = test, level = level, control = tight, ...)
}

fit <- function(r, d) {
  level <- 100 * r$level
  if (r$call == "rma.mh")
    return(rma.mh(ai = ai, bi = bi, ci = ci, di = di, data = d, measure = r$measure,
                  add = 0, to = "none", drop00 = FALSE, level = level))
  if (r$call == "rma.peto")
    return(rma.peto(ai = ai, bi = bi, ci = ci, di = di, data = d,
                    add = 0, to = "none", drop00 = FALSE, level = level))
  if (r$call == "rma.glmm") return(binomial_normal(r, d))
  if (r$call == "beta-binomial") return(beta_binomial(r, d))
  if (r$call == "bayesian") return(bayesian(r, d))
  if (r$call == "trimfill") return(trimfill(effects_of(r, d), estimator = r$form))
  # Of subgroups that share one tau² each is a coefficient.
  mods <- if (r$group != "") ~ 0 + factor(group) else ~ 1
  several <- r$call == "rma.mv" && any(duplicated(d$cluster))
  one <- if (several) in_clusters(r, d, mods) else effects_of(r, d, mods = mods)
  if (r$test == "CR2") robust(one, cluster = d$cluster, clubSandwich = TRUE) else one
}

# The further packages that a call needs.
needs <- function(r) c(if (r$call == "rma.glmm") "lme4", if (r$test == "CR2") "clubSandwich",
                       if (r$call %in% c("rma.glmm", "rma.mv", "beta-binomial")) "numDeriv")
missing_of <- function(r) {
  there <- vapply(needs(r), requireNamespace, TRUE, quietly = TRUE)
  paste(needs(r)[!there], collapse = " and ")
}

# How well a model of likelihood fits the effects at a given tau².
likelihood <- function(r, d, tau2) {
  as.numeric(logLik(rma(yi, vi, data = d, method = r$method, tau2 = tau2)))
}

again <- function(r) {
  d <- effects[effects$set == r$set, ]
  one <- try(suppressMessages(suppressWarnings(fit(r, d))), silent = TRUE)
  if (inherits(one, "try-error"))
    return(list(off = NA, said = paste("R:", trimws(conditionMessage(attr(one, "condition"))))))
  at <- if (r$group != "") which(levels(factor(d$group)) == r$group) else 1
  theirs <- c(one$beta[at], one$se[at], one$ci.lb[at], one$ci.ub[at])
  ours <- c(r$estimate, r$se, r$ci_low, r$ci_high)
  off <- max(abs(ours - theirs)) / r$se
  said <- ""
  if (off > NEAR && r$call == "rma.uni" && r$method %in% c("REML", "ML") && r$group == "" &&
      likelihood(r, d, r$tau2) > likelihood(r, d, one$tau2))
    said <- sprintf("metafor stops at a lower maximum of the likelihood, tau2 = %.6g", one$tau2)
  list(off = off, said = said, short = if (is.null(one$short)) 0 else one$short)
}

asked <- results[results$call != "", ]
lacking <- vapply(seq_len(nrow(asked)), function(i) missing_of(asked[i, ]), "")
untried <- asked[lacking != "", ]
lacking <- lacking[lacking != ""]
asked <- asked[!paste(asked$synthesis, asked$model, asked$subgroup, sep = "\r") %in%
                 paste(untried$synthesis, untried$model, untried$subgroup, sep = "\r"), ]
found <- lapply(seq_len(nrow(asked)), function(i) again(asked[i, ]))
off <- vapply(found, function(one) as.numeric(one$off), 0)
said <- vapply(found, function(one) one$said, "")
short <- vapply(found, function(one) if (is.null(one$short)) 0 else one$short, 0)
name <- function(r) trimws(paste0(r$synthesis, ", ", r$model, " ", r$subgroup))
cat(sprintf("%d of %d results repeated with metafor %s.\n", sum(!is.na(off)), nrow(results),
            as.character(packageVersion("metafor"))))
if (nrow(asked))
  cat(sprintf("Largest difference where both end at the same maximum: %.2g standard errors.\n",
              max(c(0, off[said == ""]), na.rm = TRUE)))
by_hand <- sum(asked$call %in% c("beta-binomial", "bayesian") & !is.na(off))
if (by_hand)
  cat(sprintf("%d of them, Bayesian or beta-binomial, by plain R: metafor has no such model.\n", by_hand))
for (i in which(said != "" | off > NEAR))
  cat(sprintf("%s: %.2g standard errors. %s\n", name(asked[i, ]), off[i], said[i]))
for (i in which(short > NEAR))
  cat(sprintf("%s: metafor itself stops %.2g standard errors short of it.\n", name(asked[i, ]), short[i]))
for (i in seq_along(lacking))
  cat(sprintf("%s: not repeated, R has no package %s here.\n", name(untried[i, ]), lacking[i]))
for (why in unique(results$why[results$call == ""]))
  for (i in which(results$why == why))
    cat(sprintf("%s: not repeated, %s.\n", name(results[i, ]), why))
if (any(off > NEAR & said == "", na.rm = TRUE)) quit(status = 1)
