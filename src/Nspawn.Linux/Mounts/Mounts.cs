using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>
/// The descriptor-based mount interface: a mount is made or cloned detached, given its flags, and only then attached,
/// so that nothing half-made is ever reachable by a path; fsopen(2), open_tree(2), mount_setattr(2), move_mount(2).
/// </summary>
public static unsafe class Mounts
{
    /// <summary>What fsconfig(2) takes as one value.</summary>
    private const int LongestOption = 255;

    /// <summary>Makes a new file system, not yet attached.</summary>
    /// <param name="type">As in /proc/filesystems.</param>
    /// <param name="options">The file system's own options, <c>KEY=VALUE</c> or a flag, comma separated.</param>
    /// <param name="flags">The flags of the mount.</param>
    /// <param name="source">The device it is on; null: none.</param>
    public static SafeFileHandle Create(string type, string options, MountFlags flags, string? source = null)
    {
        using Utf8 typeName = new(type);
        using SafeFileHandle context = Descriptors.Own(Check.Result(
            LibC.syscall(LibC.SYS_fsopen, typeName, (nint)LibC.FSOPEN_CLOEXEC, 0, 0, 0, 0), type));
        Configure(context, $"source={source ?? type}", type); // what mountinfo shows, as mount(8) has it
        Configure(context, options.Split(','), type);
        return Finish(context, flags, type);
    }

    /// <summary>
    /// Makes an overlay of directories, not yet attached. Before Linux 6.15 each of them has to be on a mount of the
    /// calling thread's mount namespace. overlayfs, Documentation/filesystems/overlayfs.rst.
    /// </summary>
    /// <param name="lowers">What is seen, the uppermost first.</param>
    /// <param name="upper">Where changes go; null: nothing can be changed.</param>
    /// <param name="work">An empty directory on the file system of <paramref name="upper"/>.</param>
    /// <param name="options">More of the file system's own options, comma separated.</param>
    /// <param name="flags">The flags of the mount.</param>
    public static SafeFileHandle CreateOverlay(
        IReadOnlyList<SafeFileHandle> lowers, SafeFileHandle? upper, SafeFileHandle? work, string options, MountFlags flags)
    {
        const string Type = "overlay";
        using Utf8 typeName = new(Type);
        using SafeFileHandle context = Descriptors.Own(Check.Result(
            LibC.syscall(LibC.SYS_fsopen, typeName, (nint)LibC.FSOPEN_CLOEXEC, 0, 0, 0, 0), Type));
        // By number: a path would need quoting, and may lead elsewhere by now.
        string[] layers = [.. lowers.Select(PathOf)];
        string all = "lowerdir=" + string.Join(':', layers);
        // fsconfig(2) takes no longer value; one by one they are taken since Linux 6.7.
        Configure(context, all.Length <= LongestOption ? [all] : [.. layers.Select(layer => "lowerdir+=" + layer)], Type);
        if (upper is not null && work is not null)
        {
            Configure(context, ["upperdir=" + PathOf(upper), "workdir=" + PathOf(work)], Type);
        }

        Configure(context, ["source=" + Type, .. options.Split(',')], Type);
        return Finish(context, flags, Type);

        static string PathOf(SafeFileHandle directory) => $"/proc/self/fd/{directory.Fd()}";
    }

    /// <summary>A detached copy of the mount at <paramref name="source"/> (a descriptor of any file or directory on it).</summary>
    public static SafeFileHandle Clone(SafeFileHandle source, bool recursive, string subject)
    {
        uint flags = LibC.OPEN_TREE_CLONE | LibC.OPEN_TREE_CLOEXEC | LibC.AT_EMPTY_PATH;
        if (recursive)
        {
            flags |= LibC.AT_RECURSIVE;
        }

        using Utf8 empty = new("");
        return Descriptors.Own(Check.Result(
            LibC.syscall(LibC.SYS_open_tree, source.Fd(), empty, (nint)flags, 0, 0, 0), subject));
    }

    /// <summary>Adds flags to a mount; with <paramref name="recursive"/> to every mount below it too.</summary>
    public static void SetFlags(SafeFileHandle mount, MountFlags flags, bool recursive, string subject) =>
        SetAttributes(mount, new LibC.mount_attr { attr_set = (ulong)flags }, recursive, subject);

    public static void SetPropagation(SafeFileHandle mount, Propagation propagation, bool recursive, string subject) =>
        SetAttributes(mount, new LibC.mount_attr { propagation = (ulong)propagation }, recursive, subject);

    /// <summary>
    /// Shows the owners of a detached mount's files as a user namespace has them; the files stay as they are. Not every
    /// file system can; mount_setattr(2), MOUNT_ATTR_IDMAP.
    /// </summary>
    public static void SetIdMap(SafeFileHandle mount, SafeFileHandle userNamespace, bool recursive, string subject) =>
        SetAttributes(
            mount, new LibC.mount_attr { attr_set = LibC.MOUNT_ATTR_IDMAP, userns_fd = (ulong)userNamespace.Fd() }, recursive, subject);

    /// <summary>Attaches a detached mount on top of what <paramref name="target"/> is open on, wherever that is by now.</summary>
    public static void Attach(SafeFileHandle mount, SafeFileHandle target, string subject)
    {
        using Utf8 empty = new("");
        _ = Check.Result(
            LibC.syscall(
                LibC.SYS_move_mount, mount.Fd(), empty, target.Fd(), empty,
                (nint)(LibC.MOVE_MOUNT_F_EMPTY_PATH | LibC.MOVE_MOUNT_T_EMPTY_PATH), 0),
            subject);
    }

    /// <summary>
    /// Makes the mount the root of the calling thread and lets go of the old root. With MS_MOVE and chroot instead,
    /// the old one would stay beneath, and a payload with CAP_SYS_CHROOT could climb out; pivot_root(2).
    /// </summary>
    public static void SwitchRoot(SafeFileHandle root, string subject)
    {
        _ = Check.Result(LibC.fchdir(root.Fd()), subject);
        _ = Check.Result(LibC.pivot_root(".", "."), subject);
        _ = Check.Result(LibC.umount2(".", LibC.MNT_DETACH), subject);
        _ = Check.Result(LibC.chdir("/"), "/");
    }

    /// <summary>Detaches the mount whose root is open, with those below it.</summary>
    public static void Detach(SafeFileHandle mount, string subject) =>
        _ = Check.Result(LibC.umount2($"/proc/self/fd/{mount.Fd()}", LibC.MNT_DETACH), subject);

    /// <summary>Detaches what is mounted at a path; false when nothing is.</summary>
    public static bool Unmount(string path)
    {
        if (LibC.umount2(path, LibC.MNT_DETACH | LibC.UMOUNT_NOFOLLOW) == 0)
        {
            return true;
        }

        Errno errno = Check.LastErrno();
        return errno is Errno.EINVAL or Errno.ENOENT ? false : throw new SyscallException("umount2", errno, path);
    }

    private static SafeFileHandle Finish(SafeFileHandle context, MountFlags flags, string type)
    {
        _ = Check.Result(
            LibC.syscall(LibC.SYS_fsconfig, context.Fd(), (nint)LibC.FSCONFIG_CMD_CREATE, 0, 0, 0, 0), type);
        return Descriptors.Own(Check.Result(
            LibC.syscall(LibC.SYS_fsmount, context.Fd(), (nint)LibC.FSMOUNT_CLOEXEC, (nint)flags, 0, 0, 0), type));
    }

    private static void Configure(SafeFileHandle context, IEnumerable<string> options, string type)
    {
        foreach (string option in options)
        {
            Configure(context, option, type);
        }
    }

    private static void Configure(SafeFileHandle context, string option, string type)
    {
        if (option.Length == 0)
        {
            return;
        }

        int equals = option.IndexOf('=');
        using Utf8 key = new(equals < 0 ? option : option[..equals]);
        using Utf8 value = new(equals < 0 ? "" : option[(equals + 1)..]);
        nint command = (nint)(equals < 0 ? LibC.FSCONFIG_SET_FLAG : LibC.FSCONFIG_SET_STRING);
        if (LibC.syscall(LibC.SYS_fsconfig, context.Fd(), command, key, equals < 0 ? 0 : value, 0, 0) < 0)
        {
            throw new SyscallException("fsconfig", Check.LastErrno(), $"{type}, option {option}", Said(context));
        }
    }

    /// <summary>The first line of the context's log, as <c>tmpfs: Unknown parameter 'x'</c>; fsopen(2).</summary>
    private static string? Said(SafeFileHandle context)
    {
        const int Prefix = 2; // "e ", "w " or "i "
        Span<byte> line = stackalloc byte[256];
        nint length;
        fixed (byte* start = line)
        {
            length = LibC.read(context.Fd(), start, (nuint)line.Length);
        }

        return length > Prefix ? Encoding.UTF8.GetString(line[Prefix..(int)length]).TrimEnd('\n') : null;
    }

    private static void SetAttributes(SafeFileHandle mount, LibC.mount_attr attributes, bool recursive, string subject)
    {
        if ((attributes.attr_set & LibC.MOUNT_ATTR_STRICTATIME) != 0)
        {
            attributes.attr_clr |= LibC.MOUNT_ATTR__ATIME;
        }

        using Utf8 empty = new("");
        nint flags = LibC.AT_EMPTY_PATH | (recursive ? LibC.AT_RECURSIVE : 0);
        _ = Check.Result(
            LibC.syscall(
                LibC.SYS_mount_setattr, mount.Fd(), empty, flags, (nint)(&attributes), sizeof(LibC.mount_attr), 0),
            subject);
    }
}
