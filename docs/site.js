// What keyboards and screen readers lack in the theme's pages, some of which its script makes late.
function mend() {
  // Whatever scrolls can be scrolled without a mouse.
  for (const box of document.querySelectorAll("pre > code, .md-typeset__scrollwrap"))
    if (box.tabIndex !== 0) box.tabIndex = 0;
  // A button to copy is no landmark of the page.
  for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])"))
    bar.setAttribute("role", "none");
  // Switches that nobody sees are not on the way of the Tab key.
  for (const switch_ of document.querySelectorAll("input.md-option[aria-hidden]"))
    if (switch_.tabIndex !== -1) switch_.tabIndex = -1;
  // A corner of a table without words heads nothing.
  for (const corner of document.querySelectorAll("th:empty"))
    corner.replaceWith(document.createElement("td"));
}
mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
