# metafor's own forest and funnel plot of the 13 BCG trials, as SVG into the folder that is given.
library(metafor)
folder <- commandArgs(trailingOnly = TRUE)[1]
trials <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg,
                 slab = paste(author, year))
fit <- rma(yi, vi, data = trials)

svg(file.path(folder, "metafor-forest.svg"), width = 9, height = 6)
forest(fit, atransf = exp, at = log(c(0.05, 0.25, 1, 4)), addpred = TRUE, showweights = TRUE,
       header = "Author and year", xlim = c(-16, 7), cex = 0.8,
       ilab = cbind(tpos, tneg, cpos, cneg), ilab.xpos = c(-9.5, -8, -6, -4.5))
invisible(dev.off())

svg(file.path(folder, "metafor-funnel.svg"), width = 7, height = 6)
funnel(fit, refline = 0, level = c(90, 95, 99), atransf = exp, legend = TRUE,
       shade = c("white", "gray55", "gray75"))
invisible(dev.off())
