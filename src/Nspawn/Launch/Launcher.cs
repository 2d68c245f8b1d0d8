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
        if (settings.LeavesNetwork && Processes.EffectiveUid == 0)
        {
            NetworkLedger.MendAll(); // before the facts: an interface may be missing that comes back
        }

        HostFacts host = HostReader.Read(settings, environment);
        using Bus? bus = SystemBus.Connect(ref host, settings);
        using OpenTree tree = OpenTree.Of(settings);
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
        using TreeLock treeLock = new();
        while (true)
        {
            PayloadEnd end = Boot(plan, host, bus, tree, facts, credentials, supervisor, treeLock);
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
        facts = TreeReader.Read(tree.Root, tree.Source, settings, host) with { IsDetached = tree.IsDetached };
        return Planner.Create(settings, host, facts);
    }

    private bool BootsAgain(PayloadEnd end, Supervisor supervisor) =>
        end is PayloadEnd.Rebooting && !settings.KeepUnit && !supervisor.StopAsked;

    private bool IsQuiet(Plan plan) => settings.Quiet || plan.Console == ConsoleMode.Pipe;

    private PayloadEnd Boot(
        Plan plan, HostFacts host, Bus? bus, OpenTree tree, TreeFacts facts, Dictionary<string, byte[]> credentials,
        Supervisor supervisor, TreeLock treeLock)
    {
        supervisor.TakeSignals();
        using UndoJournal undo = new();
        foreach (SavedTerminal terminal in supervisor.SavedTerminals)
        {
            undo.Record(new UndoStep.RestoreTerminal(terminal.Descriptor, terminal.Attributes));
        }

        using HostBuilder hostBuilder = new(undo, treeLock);
        foreach (Step step in plan.Host)
        {
            hostBuilder.CarryOut(step);
        }

        using TreeBuilder builder = new(tree, facts, credentials);
        using Gate? gate = plan.Unit.IsEmpty && plan.Network.IsEmpty ? null : new Gate();
        using Child leader = Start(plan, host, builder, hostBuilder, gate);
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

        PayloadCgroup cgroup = unit.Cgroup ?? hostBuilder.Cgroup ?? throw new UnreachableException();
        PayloadEnd end = supervisor.Run(
            new Payload(leader.Pidfd, leader.Pid, builder.ConsoleMaster, builder.NotifySocket, cgroup.Kill, new StopRequests(bus), network.Watch));
        if (!BootsAgain(end, supervisor))
        {
            treeLock.Dispose(); // while the journal is still there to clean up after us
        }

        return end;
    }

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
        groups.JoinedNetwork?.Enter();
        try
        {
            // Not a copy of the mount namespace but this very one: the launcher leaves it, and it is the container's.
            return Child.Start(
                program, plan.Namespaces & ~CloneFlags.NewMount, groups.Cgroup?.Directory, waitsForExec: disguise is null && gate is null);
        }
        finally
        {
            groups.JoinedNetwork?.Leave();
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
