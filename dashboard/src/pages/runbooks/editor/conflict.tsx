// Somebody else saved the runbook after this text was begun: both texts side by side, and both can be kept.
import { useQuery } from "@tanstack/react-query";
import { Button, Dialog, Time } from "../../../parts";
import { usePeople } from "../../people";
import type { Runbook } from "../queries";
import { versionQuery } from "./queries";
import { TextDiff } from "./textdiff";

interface Props {
  mine: string;
  theirs: Runbook;
  isInvalid: boolean;
  onClose: () => void;
  onTheirs: () => void;
  onMine: () => void;
}

export function Conflict({ mine, theirs, isInvalid, onClose, onTheirs, onMine }: Props) {
  const { data: version } = useQuery({ ...versionQuery(theirs.id, theirs.version), retry: false });
  const people = usePeople();
  const who = version && (people.name(version.createdBy) ?? version.createdBy);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Somebody else changed this runbook"
      description={
        <>
          {who ? `Version ${theirs.version} was saved by ${who}` : `There is a version ${theirs.version} now`}
          {version?.createdAt && (
            <>
              {" "}
              <Time at={version.createdAt} />
            </>
          )}
          . Your text is not lost: below are your changes to that version.
        </>
      }
      footer={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          <Button onClick={onTheirs}>Use their version</Button>
          <Button kind="primary" disabled={isInvalid} onClick={onMine}>
            Save mine as version {theirs.version + 1}
          </Button>
        </>
      }
    >
      <TextDiff before={theirs.source ?? ""} after={mine} label="Your text compared with theirs" />
    </Dialog>
  );
}
