using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>machined by its own socket: JSON and a zero byte there, JSON and a zero byte back. No bus is needed.</summary>
internal static class MachineOverVarlink
{
    private const string MachineExists = VarlinkMessages.Interface + ".MachineExists";

    public static void Register(RegisterMachine register, SafeFileHandle leader, int pid, IReadOnlyList<int> interfaces)
    {
        ProcessParameters process = new(pid, Pidfd.Identity(leader), HostFiles.BootId()?.ToString("N"));
        MachineParameters machine = new(
            register.Machine, register.Id.ToString("N"), register.Service, "container", process, register.RootDirectory,
            interfaces.Count == 0 ? null : interfaces);
        string? error = Call(VarlinkMessages.Register(machine), SystemBus.Answering);
        if (error is not null)
        {
            throw error == MachineExists
                ? RegistrationException.Taken()
                : new RegistrationException(
                    $"systemd-machined refuses: {error}", error.StartsWith("org.varlink.service.", StringComparison.Ordinal));
        }
    }

    public static void Unregister(string machine) => _ = Call(VarlinkMessages.Unregister(machine), SystemBus.Ending);

    /// <returns>The name of the error that came back, if one did.</returns>
    private static string? Call(byte[] message, TimeSpan patience)
    {
        try
        {
            return VarlinkMessages.ErrorOf(Varlink.Call(UnitReader.MachinedSocket, "systemd-machined", message, patience));
        }
        catch (VarlinkException failure)
        {
            throw new RegistrationException(failure.Message);
        }
        catch (JsonException)
        {
            throw new RegistrationException("systemd-machined answers something that is no JSON");
        }
    }
}
