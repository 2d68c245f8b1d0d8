using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

internal sealed partial class TreeBuilder
{
    private const int LargestCopy = 16 * 1024 * 1024;

    private void DoFile(Step step)
    {
        switch (step)
        {
            case MakeDirectory make:
                Tree.OpenOrMakeDirectory(make.Path, make.Permissions).Dispose();
                break;
            case MakeSymlink make:
                using (SafeFileHandle parent = OpenOrMakeParent(make.Path, out string name))
                {
                    _ = FileSystems.MakeSymlink(parent, name, make.Target, make.Path);
                }

                break;
            case MakeNode make:
                DoMakeNode(make);
                break;
            case WriteFile write:
                WriteNew(write.Path, Encoding.UTF8.GetBytes(write.Content), write.Permissions);
                break;
            case WriteBootId write:
                WriteNew(write.Path, Encoding.ASCII.GetBytes($"{Guid.NewGuid():D}\n"), 0x124 /* 0444 */);
                break;
            case WriteCredential write:
                WriteNew(write.Path, credentials[write.Name], write.Permissions);
                break;
            case WriteUserPassword write:
                if (HostUser.PasswordOf(write.User) is string hash)
                {
                    WriteNew(write.Path, Encoding.UTF8.GetBytes(BindUserSteps.PrivilegedRecord(hash)), 0x100 /* 0400 */);
                }

                break;
            case ReplaceFile replace:
                Replace(replace.Path, Encoding.UTF8.GetBytes(replace.Content), replace.Permissions);
                break;
            case CopyHostFile copy:
                using (SafeFileHandle source = Descriptors.Open(copy.HostPath, OpenMode.Read))
                {
                    Replace(copy.Path, Descriptors.ReadAll(source, LargestCopy, copy.HostPath), copy.Permissions);
                }

                break;
            case ReplaceSymlink replace:
                using (SafeFileHandle parent = Tree.OpenParent(replace.Path, out string name))
                {
                    FileSystems.ReplaceWithSymlink(parent, name, replace.Target, replace.Path);
                }

                break;
            case RemoveFile remove:
                using (SafeFileHandle parent = Tree.OpenParent(remove.Path, out string name))
                {
                    _ = FileSystems.Unlink(parent, name, directory: false, remove.Path);
                }

                break;
            default:
                throw new UnreachableException(step.GetType().Name);
        }
    }

    private void DoMakeNode(MakeNode make)
    {
        using SafeFileHandle parent = OpenOrMakeParent(make.Path, out string name);
        try
        {
            _ = FileSystems.MakeNode(parent, name, make.Type, make.Permissions, make.Major, make.Minor, make.Path);
        }
        catch (SyscallException refused) when (refused.Errno == Errno.EPERM && make.Path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            // In a container that may not make devices itself: the one it was given has to do.
            DoBindHost(new BindHost(make.Path, make.Path, MountFlags.None) { Reason = make.Reason });
        }
    }

    private void WriteNew(string path, byte[] content, uint permissions)
    {
        using SafeFileHandle parent = Tree.OpenParent(path, out string name);
        FileSystems.WriteNew(parent, name, content, permissions, path);
    }

    private void Replace(string path, byte[] content, uint permissions)
    {
        using SafeFileHandle parent = Tree.OpenParent(path, out string name);
        FileSystems.Replace(parent, name, content, permissions, path);
    }

    private SafeFileHandle OpenOrMakeParent(string path, out string name)
    {
        (string parent, name) = RootDirectory.Split(path);
        return Tree.OpenOrMakeDirectory(parent, DirectoryMode);
    }
}
