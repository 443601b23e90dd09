package io.quorate.client.cli;

import io.quorate.client.cli.verb.ApplyVerb;
import io.quorate.client.cli.verb.BackupCreateVerb;
import io.quorate.client.cli.verb.DeleteVerb;
import io.quorate.client.cli.verb.DiffVerb;
import io.quorate.client.cli.verb.DisableVerb;
import io.quorate.client.cli.verb.EnableVerb;
import io.quorate.client.cli.verb.EventsVerb;
import io.quorate.client.cli.verb.ExplainVerb;
import io.quorate.client.cli.verb.FailuresClearVerb;
import io.quorate.client.cli.verb.FailuresListVerb;
import io.quorate.client.cli.verb.FenceCheckVerb;
import io.quorate.client.cli.verb.FenceConfirmVerb;
import io.quorate.client.cli.verb.FenceHistoryVerb;
import io.quorate.client.cli.verb.GetVerb;
import io.quorate.client.cli.verb.HistoryVerb;
import io.quorate.client.cli.verb.ImportPacemakerVerb;
import io.quorate.client.cli.verb.LocalStatusVerb;
import io.quorate.client.cli.verb.LogsVerb;
import io.quorate.client.cli.verb.MaintainVerb;
import io.quorate.client.cli.verb.MemberLeadVerb;
import io.quorate.client.cli.verb.MemberListVerb;
import io.quorate.client.cli.verb.MemberReplaceVerb;
import io.quorate.client.cli.verb.MoveVerb;
import io.quorate.client.cli.verb.NodeAttributeVerb;
import io.quorate.client.cli.verb.NodeDrainVerb;
import io.quorate.client.cli.verb.NodeFenceVerb;
import io.quorate.client.cli.verb.NodeForgetVerb;
import io.quorate.client.cli.verb.NodeListVerb;
import io.quorate.client.cli.verb.NodeMaintenanceVerb;
import io.quorate.client.cli.verb.NodeResumeVerb;
import io.quorate.client.cli.verb.OperationCancelVerb;
import io.quorate.client.cli.verb.OperationListVerb;
import io.quorate.client.cli.verb.OperationWaitVerb;
import io.quorate.client.cli.verb.OwnerVerb;
import io.quorate.client.cli.verb.PauseVerb;
import io.quorate.client.cli.verb.PinVerb;
import io.quorate.client.cli.verb.PlanVerb;
import io.quorate.client.cli.verb.ProbeVerb;
import io.quorate.client.cli.verb.RestartVerb;
import io.quorate.client.cli.verb.ResumeVerb;
import io.quorate.client.cli.verb.SimulateVerb;
import io.quorate.client.cli.verb.StatusVerb;
import io.quorate.client.cli.verb.TicketActivateVerb;
import io.quorate.client.cli.verb.TicketGrantVerb;
import io.quorate.client.cli.verb.TicketListVerb;
import io.quorate.client.cli.verb.TicketRevokeVerb;
import io.quorate.client.cli.verb.TicketStandbyVerb;
import io.quorate.client.cli.verb.UnpinVerb;
import io.quorate.client.cli.verb.ValidateVerb;
import io.quorate.client.cli.verb.VersionVerb;
import io.quorate.client.cli.verb.WaitVerb;
import java.util.List;

/** The verbs of this module, in the order of the overview. */
final class StandardVerbs {
    private StandardVerbs() {}

    static List<VerbEntry> all() {
        return List.of(
                new VerbEntry("status", "what runs where, and what needs a person", StatusVerb::new),
                new VerbEntry("apply", "make the cluster as files say", ApplyVerb::new),
                new VerbEntry("diff", "what apply would change", DiffVerb::new),
                new VerbEntry("plan", "what would happen: files, drains, failures", PlanVerb::new),
                new VerbEntry("validate", "check files", ValidateVerb::new),
                new VerbEntry("get", "objects as a table, JSON or YAML", GetVerb::new),
                new VerbEntry("delete", "delete an object", DeleteVerb::new),
                new VerbEntry("wait", "until a service runs, a node is drained, there is a quorum", WaitVerb::new),
                new VerbEntry(
                        "history", "what happened to one object, why, by whom, with its outage", HistoryVerb::new),
                new VerbEntry("events", "what happened in the cluster", EventsVerb::new),
                new VerbEntry("explain", "why it is there, and why not elsewhere", ExplainVerb::new),
                new VerbEntry("logs", "the last outputs of a resource's operations", LogsVerb::new),
                new VerbEntry("owner", "who owns a service, by which token", OwnerVerb::new),
                new VerbEntry("move", "move a service once", MoveVerb::new),
                new VerbEntry("pin", "keep a service on one node", PinVerb::new),
                new VerbEntry("unpin", "take a pin back", UnpinVerb::new),
                new VerbEntry("restart", "stop and start a service where it is", RestartVerb::new),
                new VerbEntry("enable", "let a disabled service run again", EnableVerb::new),
                new VerbEntry("disable", "stop a service until it is enabled again", DisableVerb::new),
                new VerbEntry("maintain", "take the hands off a service until the end is said", MaintainVerb::new),
                new VerbEntry("probe", "look again where a service really runs", ProbeVerb::new),
                new VerbEntry("pause", "no starts, stops, moves and fences until resume", PauseVerb::new),
                new VerbEntry("resume", "end a pause", ResumeVerb::new),
                new VerbEntry("failures list", "what failed where, and how often", FailuresListVerb::new),
                new VerbEntry("failures clear", "forget failures", FailuresClearVerb::new),
                new VerbEntry("node list", "nodes and what they own", NodeListVerb::new),
                new VerbEntry("node drain", "move everything away", NodeDrainVerb::new),
                new VerbEntry("node resume", "let a drained node run services again", NodeResumeVerb::new),
                new VerbEntry("node maintenance", "take the hands off all that a node owns", NodeMaintenanceVerb::new),
                new VerbEntry("node fence", "switch a node off", NodeFenceVerb::new),
                new VerbEntry("node forget", "forget a node for good", NodeForgetVerb::new),
                new VerbEntry("node attribute", "read or set a value kept for a node", NodeAttributeVerb::new),
                new VerbEntry("ticket list", "tickets between sites, and what needs them", TicketListVerb::new),
                new VerbEntry("ticket grant", "this cluster holds a ticket from now on", TicketGrantVerb::new),
                new VerbEntry("ticket revoke", "it holds it no longer", TicketRevokeVerb::new),
                new VerbEntry("ticket standby", "stop what needs a ticket, without its loss", TicketStandbyVerb::new),
                new VerbEntry("ticket activate", "end a ticket's standby", TicketActivateVerb::new),
                new VerbEntry("fence check", "prove every fence path, harmlessly", FenceCheckVerb::new),
                new VerbEntry("fence confirm", "a person says that a lost node is off", FenceConfirmVerb::new),
                new VerbEntry("fence history", "what was fenced", FenceHistoryVerb::new),
                new VerbEntry("member list", "the voters", MemberListVerb::new),
                new VerbEntry("member replace", "a new voter in the place of a lost one", MemberReplaceVerb::new),
                new VerbEntry("member lead", "hand leadership over", MemberLeadVerb::new),
                new VerbEntry("operation list", "what people asked for and how far it is", OperationListVerb::new),
                new VerbEntry("operation wait", "wait for its end", OperationWaitVerb::new),
                new VerbEntry("operation cancel", "end it", OperationCancelVerb::new),
                new VerbEntry("backup create", "write the cluster's state into a file", BackupCreateVerb::new),
                new VerbEntry("local status", "what runs on this host, by the agent itself", LocalStatusVerb::new),
                new VerbEntry("import pacemaker", "take a configuration over from Pacemaker", ImportPacemakerVerb::new),
                new VerbEntry(
                        "simulate", "what is decided on a Pacemaker CIB, with nothing carried out", SimulateVerb::new),
                new VerbEntry("version", "the version of this program", VersionVerb::new));
    }
}
