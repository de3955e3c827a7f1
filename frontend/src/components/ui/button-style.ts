import { cva } from "class-variance-authority";

/** Apart from the button, since links on the server wear it too. */
export const buttonStyle = cva(
  [
    "weak:relative weak:inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border weak:font-medium weak:whitespace-nowrap",
    "transition-colors select-none disabled:cursor-not-allowed data-disabled:cursor-not-allowed",
    "[&_svg]:shrink-0",
  ],
  {
    variants: {
      variant: {
        primary:
          "border-ai bg-ai text-on-ai hover:border-ai-strong hover:bg-ai-strong data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        secondary:
          "border-line-strong bg-panel text-ink hover:bg-hover data-popup-open:bg-hover data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        quiet:
          "border-transparent weak:bg-transparent weak:text-ink-2 weak:hover:bg-hover weak:hover:text-ink data-popup-open:bg-hover data-disabled:bg-transparent data-disabled:text-ink-3",
        danger:
          "border-line-strong bg-panel text-bad hover:border-bad hover:bg-bad-soft data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
        "danger-solid":
          "border-bad bg-bad text-on-bad hover:border-bad-strong hover:bg-bad-strong data-disabled:border-line data-disabled:bg-sunk data-disabled:text-ink-3",
      },
      size: {
        sm: "weak:h-6 weak:px-2 text-xs [&_svg]:size-3.5",
        md: "weak:h-7 weak:px-3 text-sm [&_svg]:size-4",
        lg: "weak:h-8 weak:px-4 text-sm [&_svg]:size-4",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);
