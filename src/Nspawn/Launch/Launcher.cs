using System.Diagnostics;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>One launch from the settings to the exit status: facts, plan, and as many boots as the container asks for.</summary>
internal sealed class Launcher(Settings settings, Func<string, string?> environment, bool asSystemdNspawn)
{
    public int Run()
    {
        using NotifyChannel notify = NotifyChannel.FromEnvironment();
        HostFacts host = HostReader.Read(settings, environment);
        using Bus? bus = SystemBus.Connect(ref host, settings);
        using Holdings holdings = new(); // let go after the tree
        using OpenTree tree = OpenTree.Of(Template.Provide(settings), (source, image) => Lock(host, source, image, holdings));
        Plan plan = MakePlan(host, tree, out TreeFacts facts);
        Dictionary<string, byte[]> credentials = CredentialReader.Read(settings);
        using Supervisor supervisor = new(
            new SupervisorOptions(plan.Machine, plan.Console, plan.KillSignal, settings.NotifyReady, IsQuiet(plan)), notify);
        foreach (string notice in IsQuiet(plan) ? [] : plan.Notices)
        {
            Complain.Line(notice);
        }

        supervisor.Announce(facts.Path);
        Processes.SetUmask(0); // the modes in the plan are meant, on the host too
        while (true)
        {
            PayloadEnd end = Boot(plan, host, bus, tree, facts, credentials, supervisor, holdings);
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
        facts = TreeReader.Read(tree.Root, tree.Source, settings, host) with
        {
            IsDetached = tree.IsDetached,
            HasLayer = tree.HasLayer,
            Root = tree.Identity,
            Image = tree.Image,
        };
        return Planner.Create(settings, host, facts);
    }

    // What is mounted twice and written is destroyed: before an image is mounted nobody else may have it.
    private static void Lock(HostFacts host, TreeSource source, ImageFacts image, Holdings holdings)
    {
        if (LockSteps.Of(host, source.Path, image.File, shared: !image.Layout.IsWritten) is not LockTree step)
        {
            return;
        }

        try
        {
            holdings.Tree.Take(step, holdings.Journal.Begin());
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"{StepText.Of(step)}: {failure.Message}{StepText.Remedy(step, failure.Errno)}");
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

        using HostBuilder hostBuilder = new(undo, holdings);
        foreach (Step step in plan.Host)
        {
            hostBuilder.CarryOut(step);
        }

        using TreeBuilder builder = new(tree, facts, credentials);
        using Gate? gate = plan.Unit.IsEmpty ? null : new Gate();
        using Child leader = Start(plan, host, builder, hostBuilder, gate);
        using UnitBuilder unit = new(bus, leader, undo, settings.Quiet);
        try
        {
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

        PayloadCgroup cgroup = unit.Cgroup ?? hostBuilder.Cgroup ?? throw new UnreachableException();
        StateFile state = hostBuilder.State ?? throw new UnreachableException();
        state.Write(StateOf(plan, host, facts, leader, cgroup));
        PayloadEnd end = supervisor.Run(
            new Payload(leader.Pidfd, leader.Pid, builder.ConsoleMaster, builder.NotifySocket, cgroup.Kill, new StopRequests(bus), state));
        if (!BootsAgain(end, supervisor))
        {
            builder.Dispose();
            tree.Dispose(); // an image that is still mounted must not be let go
            holdings.LetGo(); // while the journal is still there to clean up after us
        }

        return end;
    }

    private MachineState StateOf(Plan plan, HostFacts host, TreeFacts facts, Child leader, PayloadCgroup cgroup) => new()
    {
        Machine = plan.Machine,
        Id = plan.Uuid,
        Tree = facts.Path,
        Leader = ProcessIdentity.Of(leader.Pid, leader.Pidfd),
        Launcher = ProcessIdentity.OfSelf(),
        Cgroup = cgroup.Path,
        Started = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        Announces = settings.Mode == StartMode.Boot && facts.InitProgram == "systemd",
        Confinement = Confinement.Of(plan, host.Limits),
    };

    private Child Start(Plan plan, HostFacts host, TreeBuilder builder, HostBuilder groups, Gate? gate)
    {
        StubInitDisguise? disguise = settings.Mode != StartMode.AsPid2 ? null : new(
            [$"container={host.ContainerService}", $"container_uuid={plan.Uuid:D}"], reportSignals: !asSystemdNspawn);
        using ChildProgram program = new();
        using BuilderNamespace mounts = new();
        foreach (Step step in plan.Tree)
        {
            builder.CarryOut(step);
        }

        new LeaderProgram(host, program, builder.ConsoleSlave, disguise, gate).Compile(plan.Leader);
        groups.LegacyCgroup?.Enter();
        try
        {
            // Not a copy of the mount namespace but this very one: the launcher leaves it, and it is the container's.
            return Child.Start(
                program, plan.Namespaces & ~CloneFlags.NewMount, groups.Cgroup?.Directory, waitsForExec: disguise is null && gate is null);
        }
        finally
        {
            groups.LegacyCgroup?.Leave();
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
