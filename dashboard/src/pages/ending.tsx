// One line over every page for a limited member whose access ends soon, or has ended.
import { useQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { meQuery } from "../api/session";
import { Clock } from "../parts";
import { placeOf } from "./settings/place";

const SOON_MS = 24 * 3600_000;

export function EndingNotice() {
  const { data: me } = useQuery(meQuery);
  const places = me?.actor.places;
  if (!places) return null;
  const ending = places.filter((one) => one.endsAt && Date.parse(one.endsAt) - Date.now() < SOON_MS);
  if (places.length && !ending.length) return null;
  return (
    <div role="status" className="flex items-start gap-3 border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
      <CalendarClock aria-hidden className="mt-0.5 size-4 shrink-0" />
      <p className="min-w-0 break-words">
        {places.length === 0 && "Your access has ended. "}
        {ending.map((one) => (
          <span key={placeOf(one) + one.endsAt}>
            Your access as {placeOf(one)} ends at <Clock at={one.endsAt!} />.{" "}
          </span>
        ))}
        Ask an owner or admin to extend it.
      </p>
    </div>
  );
}
