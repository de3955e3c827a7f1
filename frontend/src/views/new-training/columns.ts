/** The form, and beside it what it will take; one below the other where there is no room. */
export const COLUMNS = "grid items-start gap-3 lg:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]";
