using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// <c>nspawn wait</c>. It sleeps until somebody has news: the launcher, who writes them into the machine's state, or the guest's
/// manager. Only a manager that is not there yet is looked for from time to time.
/// </summary>
internal sealed class MachineWait : IDisposable
{
    private const int TimedOut = 124;
    private const int ConditionFailed = 1;
    private const int LookMilliseconds = 100;
    private const int DyingMilliseconds = 1000;
    private const int PatienceMilliseconds = 10_000;

    private readonly RunningMachine _machine;
    private readonly MachineRequest.Wait _request;
    private readonly long _deadline;
    private GuestManager? _manager;
    private string? _unitPath;

    private MachineWait(RunningMachine machine, MachineRequest.Wait request)
    {
        _machine = machine;
        _request = request;
        _deadline = request.Timeout is TimeSpan limit ? Environment.TickCount64 + (long)limit.TotalMilliseconds : long.MaxValue;
    }

    /// <returns>The exit status.</returns>
    public static int Run(RunningMachine machine, MachineRequest.Wait request)
    {
        using MachineWait wait = new(machine, request);
        return request.For == MachineRequest.Wait.Exit ? wait.ForExit() : wait.ForCondition();
    }

    public void Dispose() => _manager?.Dispose();

    private int ForExit()
    {
        using SafeFileHandle? launcher = _machine.State.Launcher.TryOpen();
        while (launcher is not null)
        {
            Span<PollEntry> wait = [PollEntry.For(launcher, PollEvents.Readable)];
            if (Poll.Wait(wait, Left()) > 0)
            {
                return 0;
            }

            if (Left() == 0)
            {
                return SayTimedOut();
            }
        }

        return 0;
    }

    private int ForCondition()
    {
        using FileWatch watch = new(_machine.StateFile); // before the first look: no news is missed
        try
        {
            while (true)
            {
                _machine.Refresh();
                if (!_machine.IsAlive)
                {
                    throw new LaunchException($"machine {_machine.State.Machine} ended before {Condition}", ConditionFailed);
                }

                if (Holds())
                {
                    return 0;
                }

                Span<PollEntry> wait =
                [
                    PollEntry.For(watch.Handle, PollEvents.Readable), PollEntry.For(_machine.Leader, PollEvents.Readable), _manager?.Entry ?? PollEntry.Idle,
                ];
                bool looks = _request.For != MachineRequest.Wait.Ready && _manager is null;
                _ = Poll.Wait(wait, looks ? (int)Math.Min((uint)Left(), LookMilliseconds) : Left());
                watch.Forget();
                if (Left() == 0)
                {
                    return SayTimedOut();
                }
            }
        }
        catch (GuestException) when (Left() == 0)
        {
            return SayTimedOut();
        }
        catch (GuestException failure)
        {
            // A manager that is killed hangs up a moment before it has ended.
            throw _machine.EndsWithin(DyingMilliseconds)
                ? new LaunchException($"machine {_machine.State.Machine} ended before {Condition}", ConditionFailed)
                : new LaunchException($"cannot ask the machine {_machine.State.Machine} about {_request.For}: {failure.Message}");
        }
    }

    private bool Holds() => _request.For == MachineRequest.Wait.Ready
        ? _machine.State.Phase is MachinePhase.Ready or MachinePhase.Running
        : _machine.State.ActiveUnits.Contains(_request.For) || UnitIsActive();

    private bool UnitIsActive()
    {
        if (_manager is null)
        {
            _manager = GuestManager.TryConnect(_machine, Patience);
            if (_manager is null)
            {
                return _machine.State.Phase is MachinePhase.Starting or MachinePhase.Stopping ? false : throw new LaunchException(
                    $"cannot wait for {_request.For}: machine {_machine.State.Machine} has no systemd to ask", ConditionFailed);
            }

            _unitPath = _manager.Load(_request.For);
        }
        else if (!_manager.HasChanged(_unitPath!))
        {
            return false;
        }

        IReadOnlyDictionary<string, object> unit = _manager.Properties(_unitPath!, GuestManager.Unit);
        return (unit.GetValueOrDefault("LoadState"), unit.GetValueOrDefault("ActiveState")) switch
        {
            ("not-found", _) => throw new LaunchException($"machine {_machine.State.Machine} has no unit {_request.For}", ConditionFailed),
            (_, "active") => true,
            (_, "failed") => throw new LaunchException($"{_request.For} has failed in the machine {_machine.State.Machine}", ConditionFailed),
            _ => false,
        };
    }

    private string Condition => _request.For == MachineRequest.Wait.Ready ? "it was ready" : $"{_request.For} was active";

    private int Left() => _deadline == long.MaxValue ? Poll.Forever : (int)Math.Clamp(_deadline - Environment.TickCount64, 0, int.MaxValue);

    private TimeSpan Patience => TimeSpan.FromMilliseconds(Math.Min((uint)Left(), PatienceMilliseconds));

    private int SayTimedOut()
    {
        string text = _request.For == MachineRequest.Wait.Exit ? "still runs" : $"waited for {_request.For} in vain";
        Complain.Line($"machine {_machine.State.Machine}: {text} after {_request.Timeout!.Value.TotalSeconds:0.###} s");
        return TimedOut;
    }
}
