# Repeats the pooled results of this review with metafor, an independent program.
#
#   Rscript metafor.R
#
# It reads metafor_effects.csv and metafor_results.csv beside it, prints how far each result is from
# ours, and ends with an error where one differs by more than a millionth of its standard error.
# Effects, estimates and limits are on the scale on which they were pooled: log for ratios.

suppressMessages(library(metafor))
named <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
here <- if (length(named)) dirname(named) else "."
read <- function(name) {
  read.csv(file.path(here, name), encoding = "UTF-8", stringsAsFactors = FALSE,
           colClasses = c(study_id = "character", set = "character", group = "character",
                          subgroup = "character", model = "character", synthesis = "character",
                          why = "character", call = "character", method = "character",
                          test = "character"))
}
effects <- suppressWarnings(read("metafor_effects.csv"))
results <- suppressWarnings(read("metafor_results.csv"))
# metafor's iterations end at its definitions, not at its tolerances.
tight <- list(threshold = 1e-12, tol = 1e-12, maxiter = 10000)

fit <- function(r, d) {
  level <- 100 * r$level
  if (r$call == "rma.mh")
    return(rma.mh(ai = ai, bi = bi, ci = ci, di = di, data = d, measure = r$measure,
                  add = 0, to = "none", drop00 = FALSE, level = level))
  if (r$call == "rma.peto")
    return(rma.peto(ai = ai, bi = bi, ci = ci, di = di, data = d,
                    add = 0, to = "none", drop00 = FALSE, level = level))
  if (r$group != "")  # subgroups that share one tau²: each is a coefficient
    return(rma(yi, vi, mods = ~ 0 + factor(group), data = d, method = r$method, test = r$test,
               level = level, control = tight))
  rma(yi, vi, data = d, method = r$method, test = r$test, level = level, control = tight)
}

# How well a model of likelihood fits the effects at a given tau².
likelihood <- function(r, d, tau2) {
  as.numeric(logLik(rma(yi, vi, data = d, method = r$method, tau2 = tau2)))
}

again <- function(r) {
  d <- effects[effects$set == r$set, ]
  one <- try(suppressWarnings(fit(r, d)), silent = TRUE)
  if (inherits(one, "try-error"))
    return(list(off = NA, said = paste("metafor:", trimws(conditionMessage(attr(one, "condition"))))))
  at <- if (r$group != "") which(levels(factor(d$group)) == r$group) else 1
  theirs <- c(one$beta[at], one$se[at], one$ci.lb[at], one$ci.ub[at])
  ours <- c(r$estimate, r$se, r$ci_low, r$ci_high)
  off <- max(abs(ours - theirs)) / r$se
  said <- ""
  if (off > 1e-6 && r$method %in% c("REML", "ML") && r$group == "" &&
      likelihood(r, d, r$tau2) > likelihood(r, d, one$tau2))
    said <- sprintf("metafor stops at a lower maximum of the likelihood, tau2 = %.6g", one$tau2)
  list(off = off, said = said)
}

asked <- results[results$call != "", ]
found <- lapply(seq_len(nrow(asked)), function(i) again(asked[i, ]))
off <- vapply(found, function(one) as.numeric(one$off), 0)
said <- vapply(found, function(one) one$said, "")
cat(sprintf("%d of %d results repeated with metafor %s.\n", nrow(asked), nrow(results),
            as.character(packageVersion("metafor"))))
if (nrow(asked))
  cat(sprintf("Largest difference where both end at the same maximum: %.2g standard errors.\n",
              max(c(0, off[said == ""]), na.rm = TRUE)))
for (i in which(said != "" | off > 1e-6))
  cat(sprintf("%s, %s %s: %.2g standard errors. %s\n", asked$synthesis[i], asked$model[i],
              asked$subgroup[i], off[i], said[i]))
for (why in unique(results$why[results$call == ""]))
  cat(sprintf("Not repeated, %s: %d.\n", why, sum(results$why == why)))
if (any(off > 1e-6 & said == "", na.rm = TRUE)) quit(status = 1)
