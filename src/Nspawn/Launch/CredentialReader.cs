using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Fetches the credentials' values from the host, before the launcher leaves the host's mounts.</summary>
internal static class CredentialReader
{
    /// <summary>systemd refuses larger ones.</summary>
    private const int Largest = 1024 * 1024;

    public static Dictionary<string, byte[]> Read(Settings settings)
    {
        Dictionary<string, byte[]> values = [];
        foreach (Credential credential in settings.Credentials)
        {
            values[credential.Name] = credential.Value ?? Load(credential.Name, credential.LoadFrom!);
        }

        return values;
    }

    private static byte[] Load(string name, string path)
    {
        try
        {
            // A socket's other side sends the value and closes; systemd.exec(5), LoadCredential=.
            using SafeFileHandle source = FileStatus.At(path) is { Type: FileType.Socket }
                ? StreamSocket.Connect(path)
                : Descriptors.Open(path, OpenMode.Read);
            byte[] value = Descriptors.ReadAll(source, Largest + 1, path);
            return value.Length <= Largest ? value
                : throw new LaunchException($"--load-credential={name}:{path}: longer than {Largest >> 20} MiB, which is more than systemd takes");
        }
        catch (SyscallException failure)
        {
            string reason = failure.Errno == Errno.ENOENT ? "no such file" : failure.Reason;
            throw new LaunchException($"--load-credential={name}:{path}: {reason}");
        }
    }
}
