/** What a chart takes from the page's CSS, read anew whenever the theme turns. */
export interface PlotLook {
  /** The value of a CSS token. */
  token: (name: string) => string;
  /** A canvas font of 11 px. */
  font: string;
}

const FONT_PX = 11;

export function readLook(): PlotLook {
  const root = getComputedStyle(document.documentElement);
  const family = getComputedStyle(document.body).fontFamily;
  return { token: (name) => root.getPropertyValue(name).trim() || "currentColor", font: `${FONT_PX}px ${family}` };
}

/** Calls back after the theme has turned. */
export function watchLook(onTurn: () => void): () => void {
  const observer = new MutationObserver(onTurn);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

let ruler: CanvasRenderingContext2D | null = null;

/** Width in CSS pixels. */
export function textWidth(text: string, font: string): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return text.length * FONT_PX * 0.6;
  ruler.font = font;
  return ruler.measureText(text).width;
}
