using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nspawn;

/// <summary>The calls of io.systemd.Machine, and what comes back; varlink.org, <c>varlinkctl introspect</c>.</summary>
internal static class VarlinkMessages
{
    public const string Interface = "io.systemd.Machine";

    /// <summary>A message as it goes over the socket, without the zero byte at its end.</summary>
    public static byte[] Register(MachineParameters machine) => JsonSerializer.SerializeToUtf8Bytes(
        new RegisterCall(Interface + ".Register", machine), VarlinkJson.Default.RegisterCall);

    public static byte[] Unregister(string name) => JsonSerializer.SerializeToUtf8Bytes(
        new UnregisterCall(Interface + ".Unregister", new UnregisterParameters(name)), VarlinkJson.Default.UnregisterCall);

    /// <summary>The error's name in an answer; null: there is none.</summary>
    /// <exception cref="JsonException">It is no answer.</exception>
    public static string? ErrorOf(ReadOnlySpan<byte> answer) =>
        (JsonSerializer.Deserialize(answer, VarlinkJson.Default.VarlinkAnswer) ?? throw new JsonException()).Error;

    /// <summary>The same for people: what the kernel refused to the service is part of it.</summary>
    /// <exception cref="JsonException">It is no answer.</exception>
    public static string? FaultOf(ReadOnlySpan<byte> answer) =>
        JsonSerializer.Deserialize(answer, VarlinkJson.Default.VarlinkAnswer) switch
        {
            null => throw new JsonException(),
            { Error: string error, Parameters.Errno: int errno } => $"{error}, errno {errno}",
            { Error: var error } => error,
        };
}

internal sealed record RegisterCall(string Method, MachineParameters Parameters);

internal sealed record UnregisterCall(string Method, UnregisterParameters Parameters);

internal sealed record UnregisterParameters(string Name);

/// <param name="Error">Its name; null: there is none.</param>
/// <param name="Parameters">What more is said of it.</param>
internal sealed record VarlinkAnswer(string? Error, VarlinkFault? Parameters);

/// <param name="Errno">What the kernel said; null: it was not asked, or it is no error.</param>
internal sealed record VarlinkFault(int? Errno);

/// <param name="Name">The machine's name.</param>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Service">What has started it.</param>
/// <param name="Class">Container or virtual machine.</param>
/// <param name="LeaderProcessId">Its PID 1.</param>
/// <param name="RootDirectory">The tree on the host.</param>
/// <param name="IfIndices">The host's interfaces by which it is reached; null: it shares the host's network.</param>
internal sealed record MachineParameters(
    string Name, string Id, string Service, string Class, ProcessParameters LeaderProcessId, string RootDirectory,
    IReadOnlyList<int>? IfIndices = null);

/// <param name="Pid">The process as the host numbers it.</param>
/// <param name="PidfdId">What tells it from later processes of that number; null before Linux 6.9.</param>
/// <param name="BootId">The boot of the host these numbers belong to.</param>
internal sealed record ProcessParameters(int Pid, ulong? PidfdId, string? BootId);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegisterCall))]
[JsonSerializable(typeof(UnregisterCall))]
[JsonSerializable(typeof(VarlinkAnswer))]
[JsonSerializable(typeof(AllocateCall))]
[JsonSerializable(typeof(MountDirectoryCall))]
[JsonSerializable(typeof(MountDirectoryAnswer))]
internal sealed partial class VarlinkJson : JsonSerializerContext;
