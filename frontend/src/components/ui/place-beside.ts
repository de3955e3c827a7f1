export type Side = "top" | "right" | "bottom" | "left";

const GAP_PX = 6;
const EDGE_PX = 8;
const OPPOSITE = { top: "bottom", bottom: "top", left: "right", right: "left" } as const;

/** Puts a fixed element beside another one: where it was wished, opposite where that lacks room, and inside the window. */
export function placeBeside(element: HTMLElement, anchor: HTMLElement, wished: Side): void {
  const beside = anchor.getBoundingClientRect();
  const { width, height } = element.getBoundingClientRect();
  const room = {
    top: beside.top - height,
    bottom: window.innerHeight - beside.bottom - height,
    left: beside.left - width,
    right: window.innerWidth - beside.right - width,
  };
  const needed = GAP_PX + EDGE_PX;
  const side = room[wished] < needed && room[OPPOSITE[wished]] >= needed ? OPPOSITE[wished] : wished;
  const left = {
    top: beside.left + (beside.width - width) / 2,
    bottom: beside.left + (beside.width - width) / 2,
    left: beside.left - width - GAP_PX,
    right: beside.right + GAP_PX,
  }[side];
  const top = {
    top: beside.top - height - GAP_PX,
    bottom: beside.bottom + GAP_PX,
    left: beside.top + (beside.height - height) / 2,
    right: beside.top + (beside.height - height) / 2,
  }[side];
  element.style.left = `${inside(left, width, window.innerWidth)}px`;
  element.style.top = `${inside(top, height, window.innerHeight)}px`;
}

function inside(start: number, size: number, room: number): number {
  return Math.max(EDGE_PX, Math.min(start, room - size - EDGE_PX));
}
