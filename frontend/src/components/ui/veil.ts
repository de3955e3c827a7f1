/** Over the page, below what lies upon it. */
export const VEIL =
  "fixed inset-0 z-40 bg-veil transition-opacity ease-out data-ending-style:opacity-0 data-starting-style:opacity-0";
