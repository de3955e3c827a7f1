import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { HomeView } from "@/views/home/home-view";
import { homeReads } from "@/views/home/reads";

export default function HomePage() {
  return (
    <FirstAnswers reads={homeReads}>
      <Words of="/">
        <HomeView />
      </Words>
    </FirstAnswers>
  );
}
