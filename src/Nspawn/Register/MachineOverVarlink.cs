using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>machined by its own socket: JSON and a zero byte there, JSON and a zero byte back. No bus is needed.</summary>
internal static class MachineOverVarlink
{
    private const int LongestAnswer = 64 * 1024;
    private const string MachineExists = VarlinkMessages.Interface + ".MachineExists";

    public static void Register(RegisterMachine register, SafeFileHandle leader, int pid)
    {
        ProcessParameters process = new(pid, Pidfd.Identity(leader), HostFiles.BootId()?.ToString("N"));
        MachineParameters machine = new(
            register.Machine, register.Id.ToString("N"), register.Service, "container", process, register.RootDirectory);
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
        const string Subject = "systemd-machined";
        try
        {
            long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            using SafeFileHandle socket = StreamSocket.Connect(UnitReader.MachinedSocket, patience);
            StreamSocket.Send(socket, [.. message, 0], Subject); // short enough for the socket's own buffer
            byte[] answer = StreamSocket.ReadMessage(socket, LongestAnswer, deadline, Subject)
                ?? throw new RegistrationException("systemd-machined ends the conversation");
            return VarlinkMessages.ErrorOf(answer);
        }
        catch (SyscallException failure)
        {
            throw new RegistrationException(failure.Errno == Mono.Unix.Native.Errno.EAGAIN
                ? "systemd-machined does not answer"
                : $"systemd-machined cannot be reached: {failure.Reason}");
        }
        catch (JsonException)
        {
            throw new RegistrationException("systemd-machined answers something that is no JSON");
        }
    }
}
