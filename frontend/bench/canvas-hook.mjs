/**
 * Runs in a page before its own scripts: notes what is written on canvases, and when that was on the screen: at the
 * beginning of the frame after the one that drew it. The page's own code knows nothing of it.
 */
export function watchCanvases() {
  const tasks = [];
  /** The longest task between two moments, in milliseconds; 0: none above 50. */
  const longest = (from, to) =>
    Math.max(0, ...tasks.filter(({ start, end }) => end > from && start < to).map(({ start, end }) => end - start));
  const bench = { texts: [], longest };
  window.bench = bench;
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    write.call(this, text, ...rest);
    const note = { text, canvas: this.canvas, drawn: performance.now(), painted: 0, paintedAtMs: 0 };
    bench.texts.push(note);
    requestAnimationFrame(() => {
      note.painted = performance.now();
      note.paintedAtMs = Date.now();
    });
  };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, end: startTime + duration });
  }).observe({ type: "longtask", buffered: true });
}
