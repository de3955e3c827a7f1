// A table that is wider than its page scrolls; whoever uses the keyboard has to reach it first. The theme wraps tables when it starts.
const reachTables = () => {
  for (const wrap of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) wrap.tabIndex = 0;
};
new MutationObserver(reachTables).observe(document.documentElement, { childList: true, subtree: true });
reachTables();
