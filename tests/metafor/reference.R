# Reference values from metafor for the tests of pooling and effect sizes.
#
#   Rscript tests/metafor/reference.R        (writes data.json and core.json beside itself)
#
# Needs Debian's r-cran-metafor and r-cran-metadat. metafor's iterations are
# tightened, since its defaults stop up to 2.5e-5 short of the root.

suppressMessages({
  library(metafor)
  library(metadat)
})

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
tight <- list(threshold = 1e-14, maxiter = 10000, tol = 1e-15, tau2.max = 1e6)
data_sets <- list()

add <- function(name, source, measures, inputs, moderators = NULL) {
  keep <- complete.cases(as.data.frame(inputs))
  if (!identical(measures, "GEN")) {
    e <- suppressWarnings(do.call(escalc, c(list(measure = measures[1]), inputs)))
    keep <- keep & is.finite(e$yi) & is.finite(e$vi) & e$vi > 0
  }
  # metafor adds 0.5 to an arm without patients and carries on; such a study says nothing.
  if (!is.null(inputs$di)) keep <- keep & inputs$ai + inputs$bi > 0 & inputs$ci + inputs$di > 0
  inputs <- lapply(inputs, function(x) as.numeric(x[keep]))
  moderators <- lapply(moderators, function(x) as.numeric(x[keep]))
  data_sets[[name]] <<- list(
    name = name, source = source, measures = measures, inputs = inputs, moderators = moderators
  )
}

two <- c("OR", "RR", "RD", "PETO", "AS")
one <- c("PLO", "PLN", "PR", "PAS", "PFT")
rates <- c("IRR", "IRD", "IRSD")
arms <- function(a, n1, c, n2) list(ai = a, bi = n1 - a, ci = c, di = n2 - c)

d <- dat.bcg
add("bcg", "Colditz 1994, JAMA 271:698", c("RR", "OR", "RD", "PETO", "AS"),
    list(ai = d$tpos, bi = d$tneg, ci = d$cpos, di = d$cneg),
    list(ablat = d$ablat, year = d$year - 1900, random = d$alloc == "random"))
d <- dat.anand1999
add("anand1999", "Anand & Yusuf 1999, JAMA 282:2058", two, arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.axfors2021
add("axfors2021", "Axfors 2021, Nat Commun 12:2349", two,
    arms(d$hcq_arm_event, d$hcq_arm_total, d$control_arm_event, d$control_arm_total))
d <- dat.bourassa1996
add("bourassa1996", "Bourassa 1996, Laterality 1:5", two,
    list(ai = d$lh.le, bi = d$lh.re, ci = d$rh.le, di = d$rh.re))
d <- dat.collins1985a
add("collins1985a", "Collins & Langman 1985, N Engl J Med 313:660", two,
    arms(d$b.xti, d$nti, d$b.xci, d$nci))
d <- dat.collins1985b
add("collins1985b", "Collins 1985, BMJ 290:17", two,
    arms(d$pre.xti, d$pre.nti, d$pre.xci, d$pre.nci))
d <- dat.damico2009
add("damico2009", "D'Amico 2009, Cochrane Database Syst Rev CD000022", two,
    arms(d$xt, d$nt, d$xc, d$nc))
d <- dat.dorn2007
add("dorn2007", "Dorn 2007, Neurogastroenterol Motil 19:630", two, arms(d$x.a, d$n.a, d$x.p, d$n.p),
    list(days = d$days, jadad = d$jadad))
d <- dat.egger2001
add("egger2001", "Egger 2001, Systematic reviews in health care (BMJ Books)", two,
    arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.gibson2002
add("gibson2002-hospital", "Gibson 2002, Cochrane Database Syst Rev CD001117", two,
    list(ai = d$ai, bi = d$bi, ci = d$ci, di = d$di))
add("gibson2002-days", "Gibson 2002, Cochrane Database Syst Rev CD001117", c("SMD", "MD"),
    list(m1i = d$m1i, sd1i = d$sd1i, n1i = d$n1i, m2i = d$m2i, sd2i = d$sd2i, n2i = d$n2i))
d <- dat.graves2010
add("graves2010", "Graves 2010, Cochrane Database Syst Rev CD000974", two,
    arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.hahn2001
add("hahn2001", "Hahn 2001, BMJ 323:81", two, arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.hartmannboyce2018
add("hartmannboyce2018", "Hartmann-Boyce 2018, Cochrane Database Syst Rev CD000146",
    c("RR", "OR", "RD"), arms(d$x.nrt, d$n.nrt, d$x.ctrl, d$n.ctrl))
d <- dat.hine1989
add("hine1989", "Hine 1989, Ann Intern Med 111:399", two, arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.laopaiboon2015
add("laopaiboon2015", "Laopaiboon 2015, Cochrane Database Syst Rev CD001954", two,
    arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.lau1992
add("lau1992", "Lau 1992, N Engl J Med 327:248", two, arms(d$ai, d$n1i, d$ci, d$n2i),
    list(year = d$year - 1900))
d <- dat.lee2004
add("lee2004", "Lee & Done 2004, Cochrane Database Syst Rev CD003281", two,
    arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.li2007
add("li2007", "Li 2007, Cochrane Database Syst Rev CD002755", two, arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.linde2005
add("linde2005", "Linde 2005, Br J Psychiatry 186:99", two, arms(d$ai, d$n1i, d$ci, d$n2i),
    list(baseline = ifelse(is.na(d$baseline), mean(d$baseline, na.rm = TRUE), d$baseline)))
d <- dat.nielweise2007
add("nielweise2007", "Niel-Weise 2007, Intensive Care Med 33:2058", two,
    arms(d$ai, d$n1i, d$ci, d$n2i))
d <- dat.vanhowe1999
add("vanhowe1999", "Van Howe 1999, Int J STD AIDS 10:8", two,
    list(ai = d$non.pos, bi = d$non.neg, ci = d$cir.pos, di = d$cir.neg))
d <- dat.viechtbauer2021
add("viechtbauer2021", "Viechtbauer 2021, Handbook of meta-analysis, ch. 11", two,
    arms(d$xTi, d$nTi, d$xCi, d$nCi), list(dose = d$dose))
d <- dat.bornmann2007
add("bornmann2007", "Bornmann 2007, J Informetr 1:226", c("OR", "RR", "RD"),
    arms(d$waward, d$wtotal, d$maward, d$mtotal))
for (part in c("6", "9", "10")) {
  d <- dat.yusuf1985[dat.yusuf1985$table == part, ]
  if (nrow(d) > 2) {
    add(paste0("yusuf1985-table", part), "Yusuf 1985, Prog Cardiovasc Dis 27:335", two,
        arms(d$ai, d$n1i, d$ci, d$n2i))
  }
}
d <- dat.hart1999
add("hart1999", "Hart 1999, Ann Intern Med 131:492", rates,
    list(x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i))
add("hart1999-control", "Hart 1999, Ann Intern Med 131:492", c("IRLN", "IR"),
    list(xi = d$x2i, ti = d$t2i))
d <- dat.nielweise2008
add("nielweise2008", "Niel-Weise 2008, J Hosp Infect 69:114", rates,
    list(x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i))
add("nielweise2008-treated", "Niel-Weise 2008, J Hosp Infect 69:114", c("IRLN", "IR"),
    list(xi = d$x1i, ti = d$t1i))
d <- dat.debruin2009
add("debruin2009", "de Bruin 2009, Health Psychol 28:668", one, list(xi = d$xi, ni = d$ni),
    list(quality = d$scq))
d <- dat.pritz1997
add("pritz1997", "Zhou 1999, Stat Med 18:557", one, list(xi = d$xi, ni = d$ni))
d <- dat.hannum2020
add("hannum2020", "Hannum 2020, Chem Senses 45:865", one, list(xi = d$xi, ni = d$ni),
    list(objective = d$objectivity == "Objective"))
d <- dat.obrien2003
add("obrien2003", "O'Brien 2003, Epidemiology 14:368", one, list(xi = d$cases, ni = d$total),
    list(bmi = d$bmi))
d <- dat.normand1999
add("normand1999", "Normand 1999, Stat Med 18:321", c("MD", "SMD", "ROM"),
    list(m1i = d$m1i, sd1i = d$sd1i, n1i = d$n1i, m2i = d$m2i, sd2i = d$sd2i, n2i = d$n2i))
d <- dat.curtis1998
add("curtis1998", "Curtis & Wang 1998, Oecologia 113:299", c("ROM", "SMD"),
    list(m1i = d$m1i, sd1i = d$sd1i, n1i = d$n1i, m2i = d$m2i, sd2i = d$sd2i, n2i = d$n2i))
d <- dat.lehmann2018
add("lehmann2018", "Lehmann 2018, Evol Psychol 16:4", c("SMD", "MD", "ROM"),
    list(m1i = d$Red_M, sd1i = d$Red_SD, n1i = d$Red_N,
         m2i = d$Control_M, sd2i = d$Control_SD, n2i = d$Control_N))
d <- dat.mcdaniel1994
add("mcdaniel1994", "McDaniel 1994, J Appl Psychol 79:599", c("ZCOR", "COR"),
    list(ri = d$ri, ni = d$ni))
d <- dat.molloy2014
add("molloy2014", "Molloy 2014, Ann Behav Med 47:92", c("ZCOR", "COR"), list(ri = d$ri, ni = d$ni),
    list(age = d$meanage, quality = d$quality))
d <- dat.nakagawa2007
add("nakagawa2007", "Nakagawa 2007, Behav Ecol 18:831", c("ZCOR", "COR"),
    list(ri = d$Correlation, ni = d$SampleSize))
d <- dat.cohen1981
add("cohen1981", "Cohen 1981, Rev Educ Res 51:281", c("ZCOR", "COR"), list(ri = d$ri, ni = d$ni))
d <- subset(dat.craft2003, var1 == "acog" & var2 == "perf")
add("craft2003", "Craft 2003, J Sport Exerc Psychol 25:44", c("ZCOR", "COR"),
    list(ri = d$ri, ni = d$ni))

generic <- function(name, source, yi, vi, moderators = NULL) {
  add(name, source, "GEN", list(yi = yi, vi = vi), moderators)
}
d <- subset(dat.bangertdrowns2004, !is.na(length))
generic("bangertdrowns2004", "Bangert-Drowns 2004, Rev Educ Res 74:29", d$yi, d$vi,
        list(length = d$length))
d <- dat.assink2016
generic("assink2016", "Assink & Wibbelink 2016, Quant Methods Psychol 12:154", d$yi, d$vi,
        list(year = d$year))
d <- dat.baskerville2012
generic("baskerville2012", "Baskerville 2012, Ann Fam Med 10:63", d$smd, d$se^2,
        list(score = d$score, year = d$year - 1900))
for (part in c("PD", "AL")) {
  d <- subset(dat.berkey1998, outcome == part)
  generic(paste0("berkey1998-", part), "Berkey 1998, Stat Med 17:2537", d$yi, d$vi,
          list(year = d$year - 1900))
}
d <- dat.hackshaw1998
generic("hackshaw1998", "Hackshaw 1997, BMJ 315:980", d$yi, d$vi, list(year = d$year - 1900))
for (part in 1:4) {
  d <- dat.ishak2007
  generic(paste0("ishak2007-", part), "Ishak 2007, Clin Trials 4:525",
          d[[paste0("y", part, "i")]], d[[paste0("v", part, "i")]])
}
for (part in c("verbal", "math")) {
  d <- subset(dat.kalaian1996, outcome == part)
  generic(paste0("kalaian1996-", part), "Kalaian & Raudenbush 1996, Psychol Methods 1:227",
          d$yi, d$vi)
}
d <- dat.knapp2017
generic("knapp2017", "Knapp 2017, Psychol Med 47:2002", d$yi, d$vi)
d <- dat.konstantopoulos2011
generic("konstantopoulos2011", "Konstantopoulos 2011, Res Synth Methods 2:61", d$yi, d$vi,
        list(year = d$year - 1900))
d <- dat.linde2016
generic("linde2016", "Linde 2016, J Clin Epidemiol 71:86", d$lnOR, d$selnOR^2)
d <- dat.michael2013
generic("michael2013", "Michael 2013, Psychon Bull Rev 20:720", d$yi, d$vi)
d <- dat.pignon2000
generic("pignon2000", "Pignon 2000, Lancet 355:949", d$OmE / d$V, 1 / d$V)
d <- dat.raudenbush1985
generic("raudenbush1985", "Raudenbush 1984, J Educ Psychol 76:85", d$yi, d$vi,
        list(weeks = d$weeks))
for (part in 1:2) {
  d <- subset(dat.riley2003, outcome == c("DFS", "OS")[part])
  generic(paste0("riley2003-", part), "Riley 2004, J Clin Epidemiol 57:911", d$yi, d$vi)
}
d <- dat.tannersmith2016
generic("tannersmith2016", "Tanner-Smith 2016, J Dev Life Course Criminol 2:85", d$yi, d$vi,
        list(age = d$aget1))

bare <- function(x) as.numeric(x)

effects_of <- function(set, measure) {
  if (measure == "GEN") return(list(yi = set$inputs$yi, vi = set$inputs$vi))
  e <- do.call(escalc, c(list(measure = measure), set$inputs))
  list(yi = bare(e$yi), vi = bare(e$vi))
}

interval_of <- function(f) {
  p <- predict(f)
  list(se = bare(f$se), ci_low = bare(f$ci.lb), ci_high = bare(f$ci.ub),
       statistic = bare(f$zval), p_value = bare(f$pval),
       pi_low = bare(p$pi.lb), pi_high = bare(p$pi.ub))
}

one_fit <- function(yi, vi, method, test = "z", mods = NULL) {
  call <- list(yi = yi, vi = vi, method = method, test = test, control = tight)
  if (!is.null(mods)) call$mods <- mods
  # Where Fisher scoring overshoots, shorter steps get there too.
  for (step in c(1, 0.5, 0.1)) {
    call$control$stepadj <- step
    f <- tryCatch(suppressWarnings(do.call(rma, call)), error = function(e) NULL)
    if (!is.null(f)) return(f)
  }
}

methods <- c("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")

fits_of <- function(yi, vi) {
  out <- list()
  for (method in methods) {
    f <- one_fit(yi, vi, method)
    if (is.null(f)) next
    row <- list(tau2 = f$tau2, estimate = bare(f$beta), q = f$QE, q_p = f$QEp, i2 = f$I2, h2 = f$H2)
    row$wald <- interval_of(f)
    if (method %in% c("FE", "DL", "REML")) {
      for (test in c("t", "knha", "adhoc")) {
        row[[test]] <- interval_of(one_fit(yi, vi, method, test))
      }
    }
    if (method == "FE") {
      row$wald$pi_low <- row$wald$pi_high <- NULL
      for (test in c("t", "knha", "adhoc")) row[[test]]$pi_low <- row[[test]]$pi_high <- NULL
    }
    if (method == "REML") {
      ci <- confint(f, control = list(tol = 1e-15, maxiter = 10000, tau2.max = 1e6))$random
      row$tau2_low <- ci[1, 2]; row$tau2_high <- ci[1, 3]
      row$i2_low <- ci[3, 2]; row$i2_high <- ci[3, 3]
      row$h2_low <- ci[4, 2]; row$h2_high <- ci[4, 3]
    }
    out[[method]] <- row
  }
  # Two-step DerSimonian-Laird: the general moment estimator with weights 1/(v + DL).
  w <- 1 / (vi + out$DL$tau2)
  f <- tryCatch(rma(yi, vi, method = "GENQ", weights = w), error = function(e) NULL)
  if (!is.null(f)) out$DL2 <- list(tau2 = f$tau2)
  out
}

# What metafor gives with its own tolerances, or null where it does not converge.
defaults_of <- function(yi, vi) {
  out <- list()
  for (method in c("ML", "REML", "EB", "PM")) {
    f <- tryCatch(suppressWarnings(rma(yi, vi, method = method)), error = function(e) NULL)
    out[[method]] <- if (is.null(f)) NA else f$tau2
  }
  out
}

regression_of <- function(yi, vi, moderators) {
  out <- list()
  for (name in names(moderators)) {
    x <- moderators[[name]]
    keep <- !is.na(x)
    if (sum(keep) < 4 || var(x[keep]) == 0) next
    for (method in methods) {
      for (test in if (method %in% c("DL", "REML")) c("z", "knha") else "z") {
        f <- one_fit(yi[keep], vi[keep], method, test, cbind(x[keep]))
        if (is.null(f)) next
        if (method == "FE") f$R2 <- NULL
        row <- list(moderator = name, tau2_method = method, test = test, tau2 = f$tau2,
                    coefficients = bare(f$beta), coefficient_se = bare(f$se),
                    coefficient_low = bare(f$ci.lb), coefficient_high = bare(f$ci.ub),
                    coefficient_p = bare(f$pval), q = f$QE, qm = f$QM, qm_p = f$QMp,
                    i2 = f$I2, h2 = f$H2, r2 = f$R2)
        if (method == "REML" && test == "z") {
          ci <- confint(f, control = list(tol = 1e-15, maxiter = 10000, tau2.max = 1e6))$random
          row$tau2_low <- ci[1, 2]; row$tau2_high <- ci[1, 3]
        }
        out <- c(out, list(row[!sapply(row, is.null)]))
      }
    }
  }
  out
}

leave_one_out_of <- function(yi, vi) {
  f <- one_fit(yi, vi, "DL")
  l <- as.data.frame(leave1out(f))
  list(estimate = l$estimate, se = l$se, tau2 = l$tau2, i2 = l$I2)
}

counts_of <- function(set) {
  cells <- set$inputs
  out <- list()
  for (measure in c("OR", "RR", "RD")) {
    f <- tryCatch(do.call(rma.mh, c(cells, list(measure = measure))), error = function(e) NULL)
    if (is.null(f)) next
    row <- list(estimate = bare(f$beta), se = f$se, ci_low = f$ci.lb, ci_high = f$ci.ub,
                p_value = f$pval, q = f$QE, q_p = f$QEp)
    if (measure == "OR") {
      row <- c(row, list(cmh = bare(f$MH), cmh_p = bare(f$MHp), breslow_day = bare(f$BD),
                         breslow_day_p = bare(f$BDp), tarone = bare(f$TA), tarone_p = bare(f$TAp)))
    }
    out[[measure]] <- row
  }
  f <- do.call(rma.peto, cells)
  out$PETO <- list(estimate = bare(f$beta), se = f$se, ci_low = f$ci.lb, ci_high = f$ci.ub,
                   p_value = f$pval, q = f$QE, q_p = f$QEp)
  out
}

core <- list()
for (set in data_sets) {
  effects <- lapply(setNames(set$measures, set$measures), function(m) effects_of(set, m))
  first <- effects[[set$measures[1]]]
  yi <- first$yi; vi <- first$vi
  row <- list(name = set$name, fits = fits_of(yi, vi), defaults = defaults_of(yi, vi))
  if (set$measures[1] != "GEN") row$effects <- effects
  if (length(set$moderators)) row$regressions <- regression_of(yi, vi, set$moderators)
  if (length(yi) <= 25) row$leave_one_out <- leave_one_out_of(yi, vi)
  if (!is.null(set$inputs$di)) row$counts <- counts_of(set)
  if ("PFT" %in% set$measures) {
    f <- one_fit(effects$PFT$yi, effects$PFT$vi, "REML")
    p <- predict(f, transf = transf.ipft.hm, targs = list(ni = set$inputs$ni))
    row$pft <- list(yi = bare(f$beta), display = bare(p$pred))
  }
  core <- c(core, list(row))
}

# Zero cells: every measure that meets them, under each of escalc's ways to deal with them.
cells <- list(ai = c(0, 3, 0, 5, 7, 0), bi = c(10, 9, 12, 0, 5, 8),
              ci = c(2, 0, 0, 4, 3, 5), di = c(11, 8, 9, 0, 6, 0))
events <- list(xi = c(0, 4, 9), mi = c(12, 8, 0))
times <- list(x1i = c(0, 3, 0, 5), t1i = c(10, 20, 30, 15), x2i = c(2, 0, 0, 4),
              t2i = c(12, 18, 25, 16))
rate <- list(xi = c(0, 3, 7), ti = c(10, 20, 15))
kinds <- list(list(two, cells), list(one, events), list(rates, times), list(c("IR", "IRLN"), rate))
zeros <- list()
for (kind in kinds) for (measure in kind[[1]]) for (to in c("only0", "all", "if0all", "none")) {
  for (drop00 in if (measure %in% c(two, rates)) c(FALSE, TRUE) else FALSE) {
    more <- list(measure = measure, to = to, drop00 = drop00)
    e <- suppressWarnings(do.call(escalc, c(more, kind[[2]])))
    zeros <- c(zeros, list(c(more, list(inputs = lapply(kind[[2]], I), yi = bare(e$yi),
                                        vi = bare(e$vi)))))
  }
}

# JSON with every digit a double has (jsonlite stops at 15), a vector staying one however short.
number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
to_json <- function(x, vectors) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    inside <- vapply(x, to_json, "", vectors = vectors)
    if (is.null(names(x))) return(sprintf("[%s]", paste(inside, collapse = ",")))
    return(sprintf("{%s}", paste0("\"", names(x), "\":", inside, collapse = ",")))
  }
  if (is.logical(x)) return(tolower(as.character(x)))
  parts <- if (is.character(x)) sprintf("\"%s\"", x) else number(as.numeric(x))
  if (length(x) == 1 && !vectors) parts else sprintf("[%s]", paste(parts, collapse = ","))
}

# One data set a line: a change shows where it is.
lines_of <- function(rows, vectors) {
  paste(vapply(rows, to_json, "", vectors = vectors), collapse = ",\n")
}
sets <- lapply(unname(data_sets), function(set) {
  set <- set[lengths(set) > 0]
  numbers <- setdiff(names(set), c("name", "source", "measures"))
  body <- paste0("\"", numbers, "\":", vapply(set[numbers], to_json, "", vectors = TRUE))
  sprintf("{\"name\":\"%s\",\"source\":\"%s\",\"measures\":%s,%s}", set$name, set$source,
          to_json(set$measures, TRUE), paste(body, collapse = ","))
})
writeLines(c("[", paste(unlist(sets), collapse = ",\n"), "]"), file.path(here, "data.json"))
writeLines(c(sprintf("{\"metafor\":\"%s\",\"metadat\":\"%s\",\"sets\":[",
                     packageVersion("metafor"), packageVersion("metadat")),
             lines_of(core, FALSE), "],\"zeros\":[", lines_of(zeros, FALSE), "]}"), file.path(here, "core.json"))
