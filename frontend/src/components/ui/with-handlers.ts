import { cloneElement, type HTMLAttributes, type ReactElement } from "react";

type Attributes = HTMLAttributes<HTMLElement> & { [data: `data-${string}`]: string | undefined };

/** The element with further attributes; its own handlers run first. */
export function withHandlers(element: ReactElement, added: Attributes): ReactElement {
  const own = element.props as Record<string, unknown>;
  const merged = Object.entries(added).map(([name, value]) => [name, isHandler(own[name]) && isHandler(value) ? both(own[name], value) : value]);
  return cloneElement(element, Object.fromEntries(merged) as object);
}

type Handler = (...events: unknown[]) => void;

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

function both(first: Handler, second: Handler): Handler {
  return (...events) => {
    first(...events);
    second(...events);
  };
}
