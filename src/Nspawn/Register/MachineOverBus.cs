using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>machined by D-Bus: before systemd 258 there is no other way; org.freedesktop.machine1(5).</summary>
internal static class MachineOverBus
{
    private const string Machined = "org.freedesktop.machine1";
    private const string Path = "/org/freedesktop/machine1";
    private const string Interface = Machined + ".Manager";
    private const string MachineExists = Machined + ".MachineExists";
    private const string Class = "container";

    public static void Register(Bus bus, RegisterMachine register, SafeFileHandle leader, int pid)
    {
        try
        {
            try
            {
                using BusMessage call = NewestCall(bus, register, leader);
                bus.Call(call, SystemBus.Answering).Dispose();
            }
            catch (BusException failure) when (failure.IsUnknownMethod)
            {
                using BusMessage call = OlderCall(bus, register, pid); // before systemd 259
                bus.Call(call, SystemBus.Answering).Dispose();
            }
        }
        catch (BusException failure)
        {
            throw failure.Name == MachineExists
                ? RegistrationException.Taken()
                : new RegistrationException(failure.IsTimeout ? "systemd-machined does not answer" : $"systemd-machined: {failure.Message}");
        }
    }

    /// <summary>
    /// Has machined started, if it is not running: the bus says when it is up. One that runs and hangs is not waited for.
    /// </summary>
    public static void AwaitStart(Bus bus)
    {
        const string Name = "org.freedesktop.DBus";
        try
        {
            using BusMessage call = bus.NewCall(Name, "/org/freedesktop/DBus", Name, "StartServiceByName").Append(Machined).Append(0u);
            bus.Call(call, SystemBus.Starting).Dispose();
        }
        catch (BusException)
        {
            // Whoever asks it something will hear why.
        }
    }

    public static void Unregister(Bus bus, string machine)
    {
        try
        {
            using BusMessage call = bus.NewCall(Machined, Path, Interface, "UnregisterMachine").Append(machine);
            bus.Call(call, SystemBus.Ending).Dispose();
        }
        catch (BusException failure)
        {
            throw new RegistrationException(failure.Message);
        }
    }

    /// <summary>Asks about a machine: after the answer, machined has done all that it was asked before.</summary>
    public static void CatchUp(Bus bus, string machine)
    {
        try
        {
            using BusMessage call = bus.NewCall(Machined, Path, Interface, "GetMachine").Append(machine);
            bus.Call(call, SystemBus.Ending).Dispose();
        }
        catch (BusException)
        {
            // It does not know the machine; that is an answer too.
        }
    }

    private static BusMessage NewestCall(Bus bus, RegisterMachine register, SafeFileHandle leader)
    {
        BusMessage call = bus.NewCall(Machined, Path, Interface, "RegisterMachineEx").Append(register.Machine).OpenArray("(sv)");
        UnitMessage.Append(call, new UnitProperty("Id", new UnitValue.Bytes([.. IdOf(register)])));
        UnitMessage.Append(call, new UnitProperty("Service", new UnitValue.Text(register.Service)));
        UnitMessage.Append(call, new UnitProperty("Class", new UnitValue.Text(Class)));
        UnitMessage.Append(call, new UnitProperty("RootDirectory", new UnitValue.Text(register.RootDirectory)));
        return call.OpenStruct("sv").Append("LeaderPIDFD").OpenVariant("h").Append(leader).Close().Close().Close();
    }

    private static BusMessage OlderCall(Bus bus, RegisterMachine register, int pid) =>
        bus.NewCall(Machined, Path, Interface, "RegisterMachineWithNetwork")
            .Append(register.Machine).Append(IdOf(register)).Append(register.Service).Append(Class)
            .Append((uint)pid).Append(register.RootDirectory)
            .OpenArray("i").Close(); // no interfaces of its own on the host

    private static byte[] IdOf(RegisterMachine register) => register.Id.ToByteArray(bigEndian: true);
}
