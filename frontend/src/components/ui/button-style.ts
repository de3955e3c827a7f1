import { cva } from "class-variance-authority";

/** Apart from the button, since links on the server wear it too. */
export const buttonStyle = cva(
  [
    "relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap",
    "transition-colors select-none disabled:cursor-not-allowed data-disabled:cursor-not-allowed",
    "[&_svg]:size-4 [&_svg]:shrink-0",
  ],
  {
    variants: {
      variant: {
        primary:
          "border-ai bg-ai text-on-ai hover:border-ai-strong hover:bg-ai-strong data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        secondary:
          "border-line-strong bg-panel text-ink hover:bg-hover data-popup-open:bg-hover data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        quiet:
          "border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink data-popup-open:bg-hover data-disabled:bg-transparent data-disabled:text-ink-3",
        danger:
          "border-line-strong bg-panel text-bad hover:border-bad hover:bg-bad-soft data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        "danger-solid":
          "border-bad bg-bad text-on-bad hover:border-bad-strong hover:bg-bad-strong data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
      },
      size: {
        sm: "h-6 px-2 text-xs [&_svg]:size-3.5",
        md: "h-7 px-3 text-sm",
        lg: "h-8 px-4 text-sm",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);
