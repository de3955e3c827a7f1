import { Link } from "@/components/ui/link";

/** The name with its mark: a large model, and the small part of it that learns. */
export function Brand() {
  return (
    <Link href="/" className="flex items-center gap-2 rounded-sm text-[0.9375rem] font-semibold tracking-tight">
      <svg viewBox="0 0 14 14" className="size-3.5" aria-hidden>
        <rect width="14" height="14" rx="3.5" className="fill-ai-soft" />
        <path d="M3.5 0H5v14H3.5A3.5 3.5 0 0 1 0 10.5v-7A3.5 3.5 0 0 1 3.5 0Z" className="fill-ai" />
      </svg>
      llmlora
    </Link>
  );
}
