import { cx } from "class-variance-authority";

/** Class names in one string. What a component lets its user change, it says with `weak:` (`globals.css`). */
export const cn = cx;
