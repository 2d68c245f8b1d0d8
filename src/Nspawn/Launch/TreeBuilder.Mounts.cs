using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

internal sealed partial class TreeBuilder
{
    private const uint DirectoryMode = 0x1ed; // 0755
    private const uint FileMode = 0x1a4; // 0644

    private void DoMount(Mount mount)
    {
        using SafeFileHandle filesystem = Mounts.Create(mount.Type, mount.Options, mount.Flags);
        if (_identity is not null && mount.Type == "devpts")
        {
            FileSystems.Own(filesystem, _identity.Id, mount.Target); // the one whose root is never its maker's
        }

        using SafeFileHandle target = Tree.OpenOrMakeDirectory(mount.Target, DirectoryMode);
        Mounts.Attach(filesystem, target, mount.Target);
    }

    private void DoBindHost(BindHost bind)
    {
        using SafeFileHandle source = Descriptors.Open(bind.HostPath, OpenMode.Path);
        using SafeFileHandle clone = Mounts.Clone(source, bind.Recursive, bind.HostPath);
        bool directory = FileStatus.Of(source, bind.HostPath).Type == FileType.Directory;
        if (bind.Map is not null)
        {
            Map(clone, bind);
        }

        Place(clone, directory, bind.HostPath, bind.Target, bind.Flags, bind.Recursive, bind.NoFollow);
    }

    private void Map(SafeFileHandle clone, BindHost bind)
    {
        try
        {
            Mounts.SetIdMap(clone, _maps.Of(bind.Map!), bind.Recursive, bind.HostPath);
        }
        catch (SyscallException failure) when (failure.Errno is Errno.EINVAL or Errno.EPERM or Errno.EOPNOTSUPP)
        {
            string remedy = bind.Recursive ? "bind it with norbind if it is one mounted below, or with noidmap" : "bind it with noidmap";
            throw new LaunchException(
                $"{bind.Reason}{bind.HostPath}: its file system, {FileSystems.TypeOf(clone)}, cannot show other owners than are on disk; {remedy}");
        }
    }

    private void DoBind(string source, string target, MountFlags flags, bool recursive)
    {
        using SafeFileHandle from = Tree.Open(source, OpenMode.Path);
        using SafeFileHandle clone = Mounts.Clone(from, recursive, source);
        bool directory = FileStatus.Of(from, source).Type == FileType.Directory;
        Place(clone, directory, source, target, flags, recursive, noFollow: false);
    }

    /// <summary>A node of the same type, from those that nobody may open, on top of the path.</summary>
    private void DoCover(Cover cover)
    {
        FileType type;
        using (SafeFileHandle target = Tree.Open(cover.Path, OpenMode.Path))
        {
            type = FileStatus.Of(target, cover.Path).Type;
        }

        string node = type switch
        {
            FileType.Directory => "dir",
            FileType.CharacterDevice => "chr",
            FileType.BlockDevice => "blk",
            FileType.Fifo => "fifo",
            FileType.Socket => "sock",
            _ => "reg",
        };
        DoBind($"/run/host/inaccessible/{node}", cover.Path, MountFlags.ReadOnly, recursive: false);
    }

    private void Place(
        SafeFileHandle clone, bool directory, string source, string target, MountFlags flags, bool recursive, bool noFollow)
    {
        if (flags != MountFlags.None)
        {
            Mounts.SetFlags(clone, flags, recursive, target);
        }

        using SafeFileHandle place = OpenOrMakeTarget(target, directory, noFollow);
        bool onDirectory = FileStatus.Of(place, target).Type == FileType.Directory;
        if (onDirectory != directory)
        {
            throw new LaunchException(directory
                ? $"cannot bind the directory {source} on the file {target}"
                : $"cannot bind the file {source} on the directory {target}");
        }

        Mounts.Attach(clone, place, target);
    }

    private SafeFileHandle OpenOrMakeTarget(string target, bool directory, bool noFollow)
    {
        SafeFileHandle? there = Tree.TryOpen(target, OpenMode.Path | (noFollow ? OpenMode.NoFollow : 0), out Errno errno);
        return there is not null ? there
            : errno != Errno.ENOENT ? throw new SyscallException("openat2", errno, target)
            : directory ? Tree.OpenOrMakeDirectory(target, DirectoryMode)
            : Tree.OpenOrMakeFile(target, FileMode);
    }
}
