using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The machine's entry in machined's list, from <see cref="Make"/> to <see cref="Remove"/>.</summary>
/// <param name="machine">The machine's name.</param>
/// <param name="bus">Where D-Bus was the way; null: Varlink was.</param>
internal sealed class MachineEntry(string machine, Bus? bus)
{
    private const int RetryMilliseconds = 20;
    private const int NoticingMilliseconds = 1000;

    /// <summary>Registers the machine: by machined's own socket where there is one that serves, by D-Bus otherwise.</summary>
    /// <exception cref="RegistrationException">machined does not want it, or cannot be reached.</exception>
    public static MachineEntry Make(RegisterMachine register, Bus? bus, SafeFileHandle leader, int pid)
    {
        if (bus is not null)
        {
            MachineOverBus.AwaitStart(bus);
        }

        long begun = Environment.TickCount64;
        while (true)
        {
            try
            {
                return Register(register, bus, leader, pid);
            }
            catch (RegistrationException failure) when (
                failure.IsTaken && !UnitReader.IsAlive(register.Machine) && Environment.TickCount64 - begun < NoticingMilliseconds)
            {
                // By a machine that has just ended, so lately that machined does not know yet.
                _ = Poll.Wait([], RetryMilliseconds);
            }
        }
    }

    private static MachineEntry Register(RegisterMachine register, Bus? bus, SafeFileHandle leader, int pid)
    {
        if (register.Door == MachinedDoor.Varlink)
        {
            try
            {
                MachineOverVarlink.Register(register, leader, pid);
                return new MachineEntry(register.Machine, null);
            }
            catch (RegistrationException failure) when (bus is not null && failure.IsOldMachined)
            {
                // systemd 257 has the socket, but takes only pids there: D-Bus knows what it is about.
            }
        }

        if (bus is null)
        {
            throw new RegistrationException("there is no system bus to reach systemd-machined by");
        }

        MachineOverBus.Register(bus, register, leader, pid);
        return new MachineEntry(register.Machine, bus);
    }

    /// <summary>
    /// In the place of a launcher that was killed: machined may be registering a leader that is dead by now, and would
    /// keep it in its list.
    /// </summary>
    public static void RemoveLeftover(string machine, int leader)
    {
        using Bus? bus = Bus.TryConnect(SystemBus.Connecting, out _);
        if (bus is not null)
        {
            MachineOverBus.CatchUp(bus, machine);
        }

        if (UnitReader.LeaderOf(machine) == leader)
        {
            new MachineEntry(machine, bus).Remove();
        }
    }

    /// <summary>Takes the entry out; one that machined has dropped by itself is no error.</summary>
    public void Remove()
    {
        try
        {
            if (bus is null)
            {
                MachineOverVarlink.Unregister(machine);
            }
            else
            {
                MachineOverBus.Unregister(bus, machine);
            }
        }
        catch (RegistrationException)
        {
            // The leader is gone: machined sees that by itself.
        }
    }
}

/// <summary>machined did not register a machine.</summary>
/// <param name="reason">Why, in the user's words.</param>
/// <param name="isOldMachined">It does not know what it was asked.</param>
/// <param name="isTaken">Another machine has the name.</param>
internal sealed class RegistrationException(string reason, bool isOldMachined = false, bool isTaken = false) : Exception(reason)
{
    public bool IsOldMachined { get; } = isOldMachined;

    public bool IsTaken { get; } = isTaken;

    public static RegistrationException Taken() => new("systemd-machined has another machine of that name", isTaken: true);
}
