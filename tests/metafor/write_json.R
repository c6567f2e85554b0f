# JSON with 17 significant digits, so that an unchanged reference is an unchanged file.
# Sourced by the scripts that make references.

number <- function(x) {
  out <- sprintf("%.17g", x)
  short <- sprintf("%.15g", x)
  out <- ifelse(as.numeric(short) == x, short, out)
  ifelse(is.finite(x), out, "null")
}
as_json <- function(x) {
  if (is.null(x)) return("null")
  if (is.matrix(x)) return(as_json(lapply(seq_len(nrow(x)), function(i) as.list(x[i, ]))))
  if (is.data.frame(x)) return(as_json(lapply(seq_len(nrow(x)), function(i) as.list(x[i, ]))))
  if (is.list(x)) {
    parts <- vapply(x, as_json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    stopifnot(!anyDuplicated(names(x)))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  if (is.factor(x)) x <- as.character(x)
  parts <- if (is.character(x)) paste0('"', x, '"')
           else if (is.logical(x)) ifelse(is.na(x), "null", tolower(as.character(x)))
           else number(x)
  if (length(x) == 1) parts else paste0("[", paste(parts, collapse = ", "), "]")
}
# One line a case: a changed case is a changed line.
write_json <- function(x, path) {
  block <- function(part) {
    if (!is.list(part) || is.data.frame(part)) return(as_json(part))
    lines <- vapply(part, as_json, "")
    if (is.null(names(part))) return(paste0("[\n  ", paste(lines, collapse = ",\n  "), "\n]"))
    paste0("{\n  ", paste0('"', names(part), '": ', lines, collapse = ",\n  "), "\n}")
  }
  parts <- vapply(x, block, "")
  writeLines(paste0("{\n", paste0('"', names(x), '": ', parts, collapse = ",\n"), "\n}"), path)
}
