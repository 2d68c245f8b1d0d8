using System.Diagnostics;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Carries out the plan's steps with the service manager and machined while the leader waits, and takes them back at
/// the end. What the plan can do without is said in a line where it fails.
/// </summary>
internal sealed class UnitBuilder(Bus? bus, Child leader, UndoJournal undo, bool quiet) : IDisposable
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
            string text = $"{StepText.Of(step)}: {failure.Message}";
            if (ScopeUnit.IsTaken(failure) || failure is RegistrationException { IsTaken: true })
            {
                // Whatever goes by the name would reach the other one.
                throw new LaunchException(text + "; give this one another name with --machine=");
            }

            if (!step.Optional)
            {
                throw new LaunchException(text);
            }

            _scopeFailed |= step is MakeScope;
            if (!quiet)
            {
                Complain.Line(_scopeFailed ? text + "; running unregistered" : text);
            }
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"{StepText.Of(step)}: {failure.Message}{StepText.Remedy(step, failure.Errno)}");
        }
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
            case MakeScope make:
                _endScope = new UndoStep.EndScope(make.Unit);
                undo.Record(_endScope);
                _scope = ScopeUnit.Start(bus ?? throw new BusException("", "no system bus"), make, leader.Pidfd, leader.Pid);
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
                _entry = MachineEntry.Make(register, bus, leader.Pidfd, leader.Pid);
                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void MakeGroup(MakePayloadGroup make)
    {
        string? scope = _scope is null ? null : CgroupReader.GroupOf(leader.Pid);
        if (scope is null)
        {
            Cgroup = PayloadCgroup.Create(CgroupReader.OwnGroup(), make.Otherwise, make.Devices, undo);
            Cgroup.Take(leader.Pid);
            return;
        }

        Cgroup = PayloadCgroup.Create(scope, "payload", make.Devices, undo);
        Cgroup.Take(leader.Pid);
        PayloadCgroup.HandDownControllers(scope);
    }
}
