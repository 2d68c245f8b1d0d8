using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;

namespace Nspawn;

/// <summary>systemd-nsresourced: ids for user namespaces that their makers may not map; <c>varlinkctl introspect</c>.</summary>
internal static class NamespaceResource
{
    private const string Service = "systemd-nsresourced";
    private const string Interface = "io.systemd.NamespaceResource";

    /// <summary>It may have to be started first, and then loads its programs into the kernel: seconds, on a slow host.</summary>
    public static readonly TimeSpan Starting = TimeSpan.FromSeconds(30);

    /// <summary>Maps the ids 0 to 65535 of a user namespace that has none to ids of the host that nobody else has.</summary>
    /// <param name="users">The namespace, of the caller's own making.</param>
    /// <param name="name">What it is listed by.</param>
    public static void AllocateRange(SafeFileHandle users, string name) => Call(
        JsonSerializer.SerializeToUtf8Bytes(
            new AllocateCall($"{Interface}.AllocateUserRange", new AllocateParameters(name, IdRange.WholeCount, 0)), VarlinkJson.Default.AllocateCall),
        [users]);

    private static void Call(byte[] message, ReadOnlySpan<SafeFileHandle> descriptors)
    {
        try
        {
            byte[] answer = Varlink.Call(ManagedUsers.NamespaceResourceSocket, Service, message, Starting, descriptors);
            if (VarlinkMessages.ErrorOf(answer) is string error)
            {
                throw new LaunchException($"{Service} refuses: {VarlinkMessages.FaultOf(answer)}{Remedy(error)}");
            }
        }
        catch (VarlinkException failure)
        {
            throw new LaunchException($"--private-users=managed: {failure.Message}; see systemctl status {Service}, or systemctl enable --now {Service}.socket");
        }
        catch (JsonException)
        {
            throw new LaunchException($"{Service} answers something that is no JSON");
        }
    }

    private static string Remedy(string error) => error switch
    {
        $"{Interface}.UserNamespaceInterfaceNotSupported" => ": its kernel has no BPF LSM, or an old one; see systemctl status systemd-nsresourced, or do without --private-users=managed",
        $"{Interface}.DynamicRangeUnavailable" => ": all user ids are given away",
        _ => "",
    };
}

internal sealed record AllocateCall(string Method, AllocateParameters Parameters);

/// <param name="Name">What the namespace is listed by.</param>
/// <param name="Size">How many ids.</param>
/// <param name="UserNamespaceFileDescriptor">Which of the descriptors that come along.</param>
internal sealed record AllocateParameters(string Name, uint Size, int UserNamespaceFileDescriptor);
