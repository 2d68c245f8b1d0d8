using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;

namespace Nspawn;

/// <summary>systemd-mountfsd: mounts that the owner of a user namespace may not make; <c>varlinkctl introspect</c>.</summary>
internal static class MountFileSystem
{
    private const string Service = "systemd-mountfsd";
    private const string Interface = "io.systemd.MountFileSystem";

    /// <summary>A detached mount of a directory, shown to a user namespace with owners of its own.</summary>
    /// <param name="directory">Open for reading.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <param name="users">Whose ids the owners are to be: a namespace that systemd-nsresourced has mapped.</param>
    /// <param name="mode">How: <c>foreign</c> for a tree that is nobody's, <c>root</c> for what is the caller's.</param>
    /// <param name="readOnly">It cannot be written.</param>
    public static SafeFileHandle MountDirectory(SafeFileHandle directory, string path, SafeFileHandle users, string mode, bool readOnly)
    {
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(
            new MountDirectoryCall($"{Interface}.MountDirectory", new MountDirectoryParameters(0, 1, readOnly, mode)),
            VarlinkJson.Default.MountDirectoryCall);
        List<SafeFileHandle> received = [];
        try
        {
            byte[] answer = Varlink.Call(
                ManagedUsers.MountFileSystemSocket, Service, message, NamespaceResource.Starting, [directory, users], received);
            MountDirectoryAnswer? said = JsonSerializer.Deserialize(answer, VarlinkJson.Default.MountDirectoryAnswer);
            if (said?.Error is string error)
            {
                throw new LaunchException($"{Service} refuses to mount {path}: {VarlinkMessages.FaultOf(answer)}{Remedy(error)}");
            }

            int number = said?.Parameters?.MountFileDescriptor ?? -1;
            if (number < 0 || number >= received.Count)
            {
                throw new LaunchException($"{Service} says that it has mounted {path}, and hands over no mount");
            }

            SafeFileHandle mount = received[number];
            received.RemoveAt(number);
            return mount;
        }
        catch (VarlinkException failure)
        {
            throw new LaunchException($"--private-users=managed: {failure.Message}; see systemctl status {Service}, or systemctl enable --now {Service}.socket");
        }
        catch (JsonException)
        {
            throw new LaunchException($"{Service} answers something that is no JSON");
        }
        finally
        {
            received.ForEach(one => one.Dispose());
        }
    }

    private static string Remedy(string error) => error switch
    {
        "org.varlink.service.MethodNotFound" or "org.varlink.service.InvalidParameter" => ": it is of a systemd before 258; have it updated",
        "org.varlink.service.PermissionDenied" or "io.systemd.InteractiveAuthenticationRequired" =>
            $": the directory above has to be yours, and its root user {PrivateUsersSyntax.ForeignBase} or yours (systemd-dissect --shift)",
        _ => "",
    };
}

internal sealed record MountDirectoryCall(string Method, MountDirectoryParameters Parameters);

/// <param name="DirectoryFileDescriptor">Which of the descriptors that come along.</param>
/// <param name="UserNamespaceFileDescriptor">Which of them is the namespace.</param>
/// <param name="ReadOnly">It cannot be written.</param>
/// <param name="Mode">How its owners are shown.</param>
internal sealed record MountDirectoryParameters(int DirectoryFileDescriptor, int UserNamespaceFileDescriptor, bool ReadOnly, string Mode);

/// <param name="Error">What went wrong; null: nothing.</param>
/// <param name="Parameters">What came of it.</param>
internal sealed record MountDirectoryAnswer(string? Error, MountedDirectory? Parameters);

/// <param name="MountFileDescriptor">Which of the descriptors that came along; null: the answer is an error.</param>
internal sealed record MountedDirectory([property: JsonPropertyName("mountFileDescriptor")] int? MountFileDescriptor);
