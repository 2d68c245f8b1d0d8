using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Carries out the plan's steps with the service manager and machined while the leader waits, and takes them back at
/// the end. What the plan can do without is said in a line where it fails.
/// </summary>
internal sealed class UnitBuilder(Bus? bus, Child leader, UndoJournal undo, IReadOnlyList<int> interfaces, bool quiet) : IDisposable
{
    private ScopeUnit? _scope;
    private bool _scopeFailed;
    private MachineEntry? _entry;
    private UndoStep.UnregisterMachine? _unregister;
    private UndoStep.EndScope? _endScope;

    /// <summary>The container's group, where a step made it.</summary>
    public PayloadCgroup? Cgroup { get; private set; }

    public void CarryOut(Step step)
    {
        try
        {
            Do(step);
        }
        catch (Exception failure) when (failure is BusException or RegistrationException)
        {
            string text = $"{StepText.Of(step)}: {failure.Message}{AskedFor(step, failure)}";
            if (ScopeUnit.IsTaken(failure) || failure is RegistrationException { IsTaken: true })
            {
                // Whatever goes by the name would reach the other one.
                throw new LaunchException(text + "; give this one another name with --machine=");
            }

            if (!step.Optional)
            {
                throw new LaunchException(text);
            }

            if (step is MakeScope { UserBus: not null })
            {
                // What can be done without it depends on the group the launcher is in: the plan knows.
                throw new PlanRefuted(host => host with { UserBus = null, BusFault = text });
            }

            _scopeFailed |= step is MakeScope;
            if (!quiet)
            {
                Complain.Line(_scopeFailed ? text + "; running unregistered" : text);
            }
        }
        catch (SyscallException failure)
        {
            throw StepText.Failed(step, failure.Message, failure.Errno);
        }
    }

    // The service manager does not say which it is.
    private static string AskedFor(Step step, Exception failure)
    {
        string[] asked = step is MakeScope make && failure is BusException { IsTimeout: false, Name: not "" } && !ScopeUnit.IsTaken(failure)
            ? [.. make.Properties.Select(property => property.Assignment).OfType<string>()] : [];
        return asked.Length == 0 ? ""
            : $"; asked for by --property={string.Join(", --property=", asked)}: leave out what the service manager does not take for a scope";
    }

    /// <summary>To be called when the leader is gone.</summary>
    public void Dispose()
    {
        _entry?.Remove();
        _scope?.End();
        foreach (UndoStep? done in (UndoStep?[])[_unregister, _endScope])
        {
            if (done is not null)
            {
                undo.Forget(done); // for the janitor only
            }
        }

        Cgroup?.Dispose();
    }

    private void Do(Step step)
    {
        switch (step)
        {
            case WriteIdMap write:
                UserNamespaces.WriteMap(leader.Pid, IdMapping.TextOf(write.Map.Uids), IdMapping.TextOf(write.Map.Gids));
                break;
            case SetRlimit set:
                Limits.Set(leader.Pid, set.Resource, set.Limit);
                break;
            case WriteProc write:
                Write(write);
                break;
            case MakeScope make:
                _endScope = new UndoStep.EndScope(make.Unit, make.UserBus);
                undo.Record(_endScope);
                _scope = ScopeUnit.Start(bus ?? throw new BusException("", "no bus"), make, leader.Pidfd, leader.Pid);
                break;
            case MakePayloadGroup make:
                MakeGroup(make);
                break;
            case RegisterMachine when _scopeFailed:
                // machined takes the unit a leader is in for the machine's, and stops it with the machine: it would be
                // the caller's.
                break;
            case RegisterMachine register:
                _unregister = new UndoStep.UnregisterMachine(register.Machine, leader.Pid);
                undo.Record(_unregister);
                _entry = MachineEntry.Make(register, bus, leader.Pidfd, leader.Pid, interfaces);
                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void Write(WriteProc write)
    {
        string path = write.Path.Replace("/proc/self/", $"/proc/{leader.Pid}/", StringComparison.Ordinal);
        using SafeFileHandle file = Descriptors.Open(path, OpenMode.Write);
        Descriptors.Write(file, System.Text.Encoding.ASCII.GetBytes(write.Value), path);
    }

    private void MakeGroup(MakePayloadGroup make)
    {
        string? scope = _scope is null ? null : CgroupReader.GroupOf(leader.Pid);
        if (scope is null)
        {
            Cgroup = PayloadCgroup.Create(CgroupReader.OwnGroup(), make.Otherwise, make.Devices, make.Owner, undo);
            Cgroup.Take(leader.Pid);
            return;
        }

        Cgroup = PayloadCgroup.Create(scope, "payload", make.Devices, make.Owner, undo);
        Cgroup.Take(leader.Pid);
        PayloadCgroup.HandDownControllers(scope);
    }
}
