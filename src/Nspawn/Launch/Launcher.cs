using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One launch from the settings to the exit status: facts, plan, and as many boots as the container asks for.</summary>
internal sealed class Launcher(Settings settings, Func<string, string?> environment, bool asSystemdNspawn)
{
    private readonly HashSet<string> _said = [];

    public int Run()
    {
        using NotifyChannel notify = NotifyChannel.FromEnvironment();
        if (settings.LeavesNetwork && Processes.EffectiveUid == 0 && !Rootless.IsSo)
        {
            NetworkLedger.MendAll(); // before the facts: an interface may be missing that comes back
        }

        HostFacts host = HostReader.Read(settings, environment);
        RootlessRules.Check(settings, host);
        using Bus? bus = SystemBus.Connect(ref host, settings);
        using Holdings holdings = new(); // let go after the tree
        using OpenTree tree = OpenTree.Of(Template.Provide(settings), (source, image) => Lock(host, source, image, holdings));
        Plan plan = MakePlan(host, tree, out TreeFacts facts);
        Dictionary<string, byte[]> credentials = CredentialReader.Read(settings);
        using Supervisor supervisor = new(
            new SupervisorOptions(plan.Machine, plan.Console, plan.KillSignal, settings.NotifyReady, IsQuiet(plan)), notify);
        SayWhatIsNew(plan);
        supervisor.Announce(facts.Path);
        Processes.SetUmask(0); // the modes in the plan are meant, on the host too
        while (true)
        {
            PayloadEnd end;
            try
            {
                end = Boot(plan, host, bus, tree, facts, credentials, supervisor, holdings);
            }
            catch (PlanRefuted refuted)
            {
                host = refuted.Correct(host);
                plan = MakePlan(host, tree, out facts);
                SayWhatIsNew(plan);
                continue;
            }

            if (!BootsAgain(end, supervisor))
            {
                int exitStatus = ExitStatus.Of(end, asSystemdNspawn, settings.KeepUnit);
                supervisor.Finish(exitStatus);
                return exitStatus;
            }

            // The first boot may have written what the second plan depends on: the machine id, the user, the zone.
            plan = MakePlan(host, tree, out facts);
        }
    }

    /// <summary>Decides what would be done, for the launch and for those who only want to see it.</summary>
    public Plan MakePlan(HostFacts host, OpenTree tree, out TreeFacts facts)
    {
        facts = TreeReader.Read(tree.Root, tree.Source, settings, host);
        facts = facts with
        {
            IsDetached = tree.IsDetached,
            HasLayer = tree.HasLayer,
            IsSubvolume = settings.Ephemeral != EphemeralMode.No && (tree.Snapshot is not null || tree.CanBeSnapshot),
            Root = tree.Identity,
            Image = tree.Image,
            Owner = tree.Owner,
            BindTargets = facts.BindTargets.ToImmutableDictionary(one => one.Key, one => tree.OnDisk(one.Value)),
        };
        return Planner.Create(settings, host, facts);
    }

    // A plan in the place of another has more to say where something turned out to be missing.
    private void SayWhatIsNew(Plan plan)
    {
        foreach (string line in (plan.Warnings ?? []).Concat(IsQuiet(plan) ? [] : plan.Notices))
        {
            if (_said.Add(line))
            {
                Complain.Line(line);
            }
        }
    }

    // What is mounted twice and written is destroyed: before an image is mounted nobody else may have it.
    private static UndoJournal? Lock(HostFacts host, TreeSource source, ImageFacts image, Holdings holdings)
    {
        if (LockSteps.Of(host, source.Path, image.File, shared: !image.Layout.IsWritten) is not LockTree step)
        {
            return image.Layout.Mounts.Any(mount => mount.IsMapped) ? holdings.Journal.Begin() : null;
        }

        try
        {
            UndoJournal journal = holdings.Journal.Begin();
            holdings.Tree.Take(step, journal);
            return journal;
        }
        catch (SyscallException failure)
        {
            throw StepText.Failed(step, failure.Message, failure.Errno);
        }
    }

    private bool BootsAgain(PayloadEnd end, Supervisor supervisor) =>
        end is PayloadEnd.Rebooting && !settings.KeepUnit && !supervisor.StopAsked;

    private bool IsQuiet(Plan plan) => settings.Quiet || plan.Console == ConsoleMode.Pipe;

    private PayloadEnd Boot(
        Plan plan, HostFacts host, Bus? bus, OpenTree tree, TreeFacts facts, Dictionary<string, byte[]> credentials,
        Supervisor supervisor, Holdings holdings)
    {
        supervisor.TakeSignals();
        using UndoJournal undo = holdings.Journal.Take() ?? new UndoJournal();
        foreach (SavedTerminal terminal in supervisor.SavedTerminals)
        {
            undo.Record(new UndoStep.RestoreTerminal(terminal.Descriptor, terminal.Attributes));
        }

        using HostBuilder hostBuilder = new(undo, holdings, tree, supervisor);
        foreach (Step step in plan.Host)
        {
            hostBuilder.CarryOut(step);
        }

        using TreeBuilder builder = new(tree, facts, credentials);
        using Gate? gate = plan.Unit.IsEmpty && plan.Network.IsEmpty ? null : new Gate();
        using ChildProgram program = new();
        using Child leader = Start(plan, host, builder, hostBuilder, gate, program);
        using NetworkBuilder network = new(leader, plan, host, undo);
        using UnitBuilder unit = new(bus, leader, undo, network.Interfaces, settings.Quiet);
        try
        {
            foreach (Step step in plan.Network)
            {
                network.CarryOut(step);
            }

            foreach (Step step in plan.Unit)
            {
                unit.CarryOut(step);
            }

            gate?.Open();
            Await(leader, plan);
        }
        catch
        {
            // At the gate, or gone already: nothing of it may be left when the rest is undone.
            _ = Pidfd.Send(leader.Pidfd, Signal.Kill);
            _ = Pidfd.Wait(leader.Pidfd);
            throw;
        }

        PayloadCgroup? cgroup = unit.Cgroup ?? hostBuilder.Cgroup; // null: without root, and none was given to the user
        StateFile state = hostBuilder.State ?? throw new UnreachableException();
        state.Write(StateOf(plan, host, facts, leader, cgroup) with { OperatingSystem = OsNameOf(tree) });
        PayloadEnd end = supervisor.Run(
            new Payload(
                leader.Pidfd, leader.Pid, builder.ConsoleMaster, builder.NotifySocket, cgroup is null ? () => _ = Pidfd.Send(leader.Pidfd, Signal.Kill) : cgroup.Kill, new StopRequests(bus), state, network.Watch));
        if (!BootsAgain(end, supervisor))
        {
            builder.Dispose();
            tree.Dispose(); // an image that is still mounted must not be let go
            holdings.LetGo(); // while the journal is still there to clean up after us
        }

        return end;
    }

    private MachineState StateOf(Plan plan, HostFacts host, TreeFacts facts, Child leader, PayloadCgroup? cgroup) => new()
    {
        Machine = plan.Machine,
        Id = plan.Uuid,
        Tree = facts.Path,
        Leader = ProcessIdentity.Of(leader.Pid, leader.Pidfd),
        Launcher = ProcessIdentity.OfSelf(),
        Cgroup = cgroup?.Path ?? "",
        Started = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        Announces = settings.Mode == StartMode.Boot && facts.InitProgram == "systemd",
        Confinement = Confinement.Of(plan, host.Limits),
    };

    private string? OsNameOf(OpenTree tree)
    {
        if (settings.PivotRoot is not RootChange change)
        {
            return OsName.Of(tree.Root);
        }

        SafeFileHandle? root = tree.Root.TryOpen(change.New, OpenMode.Path | OpenMode.Directory, out _);
        using RootDirectory? inner = root is null ? null : new(root);
        return inner is null ? null : OsName.Of(inner);
    }

    private Child Start(Plan plan, HostFacts host, TreeBuilder builder, HostBuilder groups, Gate? gate, ChildProgram program)
    {
        StubInitDisguise? disguise = settings.Mode != StartMode.AsPid2 ? null : new(
            [$"container={host.ContainerService}", $"container_uuid={plan.Uuid:D}"], reportSignals: !asSystemdNspawn);
        using BuilderNamespace mounts = new();
        try
        {
            foreach (Step step in plan.Tree)
            {
                builder.CarryOut(step);
            }

            new LeaderProgram(host, program, builder.ConsoleSlave, disguise, gate).Compile(plan);
            groups.LegacyCgroup?.Enter();
            groups.JoinedNetwork?.Enter();
            // Not a copy of the mount namespace but this very one: the launcher leaves it, and it is the container's.
            // With users of its own the container has a copy, which is theirs.
            bool ownUsers = plan.Namespaces.HasFlag(CloneFlags.NewUser);
            Child leader = Child.Start(
                program, ownUsers ? plan.Namespaces : plan.Namespaces & ~CloneFlags.NewMount, groups.Cgroup?.Directory,
                waitsForExec: disguise is null && gate is null,
                sharesMemory: disguise is null && !ChangesSharedMemory(plan));
            Pin(plan, builder, leader);
            return leader;
        }
        finally
        {
            groups.JoinedNetwork?.Leave();
            groups.LegacyCgroup?.Leave();
            builder.ActAsItself();
        }
    }

    // How willingly a process is killed for its memory goes for all that have the same memory.
    private static bool ChangesSharedMemory(Plan plan) =>
        plan.Unit.Concat(plan.Leader).Any(step => step is WriteProc { Path: "/proc/self/oom_score_adj" });

    // What is mounted from now on comes to the leader's copy as its own, to be unmounted by it alone.
    private static void Pin(Plan plan, TreeBuilder builder, Child leader)
    {
        try
        {
            foreach (Step step in plan.Pins ?? [])
            {
                builder.CarryOut(step);
            }
        }
        catch
        {
            _ = Pidfd.Send(leader.Pidfd, Signal.Kill);
            _ = Pidfd.Wait(leader.Pidfd);
            leader.Dispose();
            throw;
        }
    }

    private static void Await(Child leader, Plan plan)
    {
        if (leader.AwaitReport() is ChildFailure failure)
        {
            throw PayloadFailure.Of(plan.Leader[failure.Step], failure.Errno);
        }
    }
}
