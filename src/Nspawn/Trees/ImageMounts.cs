using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>Mounts the parts of an image, one upon the other where there are several.</summary>
internal sealed class ImageMounts(SafeFileHandle file, string path, uint sectorSize, ImageVerity? verity, ImageLuks luks, bool toLook) : IDisposable
{
    private readonly bool _isDevice = FileStatus.Of(file, path).Type == FileType.BlockDevice;
    private readonly List<SafeFileHandle> _mounts = [];

    /// <summary>Where each partition, by its number, went.</summary>
    public Dictionary<int, string> Targets { get; } = [];

    public List<string> Notices { get; } = [];

    /// <summary>The root, and in it everything else.</summary>
    public SafeFileHandle Assemble(ImageLayout layout)
    {
        if (layout is { HasRoot: true, Mounts: [ImageMount only] })
        {
            Targets.Add(only.Partition, only.Target);
            return Create(only, layout);
        }

        // Mounts are made before the namespace is left for one in which nothing may be loaded from a path, and where
        // devices are looked for. Until Linux 6.15 they could not be attached to a mount that is attached nowhere.
        List<(ImageMount What, SafeFileHandle Mount)> made = [];
        foreach (ImageMount mount in layout.Mounts)
        {
            if (TryCreate(mount, layout) is SafeFileHandle handle)
            {
                _mounts.Add(handle);
                made.Add((mount, handle));
            }
        }

        if (!layout.HasRoot)
        {
            _mounts.Insert(0, Mounts.Create("tmpfs", "mode=0755", MountFlags.NoDev));
        }

        using BuilderNamespace builder = new();
        return Attach(layout, made);
    }

    public void Dispose() => _mounts.ForEach(mount => mount.Dispose());

    private SafeFileHandle Attach(ImageLayout layout, List<(ImageMount What, SafeFileHandle Mount)> made)
    {
        using SafeFileHandle host = Descriptors.Open("/", OpenMode.Path | OpenMode.Directory);
        Mounts.SetPropagation(host, Propagation.Private, recursive: true, "/");
        Mounts.Attach(_mounts[0], host, path);
        RootDirectory root = new(_mounts[0]);
        bool hasBoot = false;
        foreach ((ImageMount what, SafeFileHandle mount) in made)
        {
            string target = what.Role == PartitionRole.Esp ? EspTarget(root, hasBoot) : what.Target;
            hasBoot |= what.Role == PartitionRole.Xbootldr;
            if (what.Role != PartitionRole.Root)
            {
                using SafeFileHandle? place = Place(root, target, what, layout);
                if (place is null)
                {
                    continue;
                }

                Mounts.Attach(mount, place, target);
            }

            Targets.Add(what.Partition, target);
        }

        return Mounts.Clone(_mounts[0], recursive: true, path);
    }

    // At /efi where the tree has that; else at /boot, if nothing else is there.
    private static string EspTarget(RootDirectory root, bool hasBoot)
    {
        if (hasBoot || root.Exists("/efi"))
        {
            return "/efi";
        }

        using SafeFileHandle? boot = root.TryOpen("/boot", OpenMode.Read | OpenMode.Directory, out _);
        return boot is not null && DirectoryListing.Of(boot, "/boot").Count == 0 ? "/boot" : "/efi";
    }

    private SafeFileHandle? Place(RootDirectory root, string target, ImageMount what, ImageLayout layout)
    {
        SafeFileHandle? place = root.TryOpen(target, OpenMode.Path | OpenMode.Directory, out Errno errno);
        bool rootIsReadOnly = layout.Mounts.Any(mount => mount is { Role: PartitionRole.Root, ReadOnly: true });
        if (place is not null || (toLook && errno == Errno.ENOENT))
        {
            return place;
        }

        if (errno != Errno.ENOENT || rootIsReadOnly)
        {
            return what.IsForBootLoader
                ? null
                : throw new LaunchException($"cannot use the image {path}: its partition {what.Partition} belongs at {target}, where its root has {(errno == Errno.ENOENT ? "no directory" : $"none ({ErrnoText.Of(errno)})")}");
        }

        return root.OpenOrMakeDirectory(target, 0x1ed /* 0755 */);
    }

    /// <summary>Null: the kernel cannot read it, and a container does without.</summary>
    private SafeFileHandle? TryCreate(ImageMount mount, ImageLayout layout)
    {
        try
        {
            return Create(mount, layout);
        }
        catch (LaunchException failure) when (mount.IsForBootLoader)
        {
            Notices.Add($"{failure.Message}; the container goes without it");
            return null;
        }
    }

    private SafeFileHandle Create(ImageMount mount, ImageLayout layout)
    {
        string subject = mount.Partition == 0 ? $"the image {path}" : $"partition {mount.Partition} of the image {path}";
        try
        {
            if (mount.Verity is not null && verity is not null)
            {
                return CreateChecked(mount, layout, verity, subject);
            }

            if (mount.Encrypted)
            {
                ImageLuks.CheckKernel(subject);
                using SafeFileHandle? loop = mount.Partition == 0 && _isDevice ? null : Loop(mount.Offset, mount.Size, layout, mount.ReadOnly);
                using DeviceName name = luks.NewDevice();
                mount = luks.Open(mount, LoopDevice.PathOf(loop ?? file), name.Name, subject);
                SafeFileHandle decrypted = Mounts.Create(mount.Type, mount.Options, mount.Flags, MappedDevice.PathOf(name.Name));
                Grow(mount, decrypted, subject);
                return decrypted;
            }

            if (mount is { Partition: 0, Type: "erofs" } && !_isDevice && TryCreateFromFile(mount) is SafeFileHandle erofs)
            {
                return erofs;
            }

            if (mount.Partition == 0 && _isDevice)
            {
                return Mounts.Create(mount.Type, mount.Options, mount.Flags, LoopDevice.PathOf(file));
            }

            using SafeFileHandle device = Loop(mount.Offset, mount.Size, layout, mount.ReadOnly);
            SafeFileHandle made = Mounts.Create(mount.Type, mount.Options, mount.Flags, LoopDevice.PathOf(device));
            Grow(mount, made, subject);
            return made;
        }
        catch (SyscallException failure)
        {
            throw new LaunchException($"cannot mount {subject} ({mount.Type}): {Why(failure, mount.Type)}");
        }
    }

    private void Grow(ImageMount mount, SafeFileHandle made, string subject)
    {
        if (!mount.Grows || !FileSystemGrowth.Knows(mount.Type) || toLook)
        {
            return;
        }

        try
        {
            FileSystemGrowth.Fill(made, mount.Type, mount.Size, subject);
        }
        catch (SyscallException failure)
        {
            // It is as usable as before.
            Notices.Add($"{subject} ({mount.Type}) is marked to be grown to the size of its partition, which failed: {failure.Reason}");
        }
    }

    private SafeFileHandle CreateChecked(ImageMount mount, ImageLayout layout, ImageVerity verity, string subject)
    {
        using SafeFileHandle data = Loop(mount.Offset, mount.Size, layout, readOnly: true);
        using SafeFileHandle hashes = mount.Verity!.IsInFile ? verity.OpenDataFile() : Loop(mount.Verity.Offset, mount.Verity.Size, layout, readOnly: true);
        try
        {
            return verity.Mount(mount, LoopDevice.PathOf(data), mount.Verity.IsInFile ? $"/proc/self/fd/{hashes.Fd()}" : LoopDevice.PathOf(hashes));
        }
        catch (MappedDeviceException failure)
        {
            string text = $"cannot check {subject} with dm-verity: {ImageVerity.Why(failure)}";
            if (!mount.Verity.MayBeSkipped)
            {
                throw new LaunchException($"{text}; --image-policy={PartitionTypes.Names.NameOf(mount.Role)}=unprotected:=open uses it unchecked");
            }

            Notices.Add($"{text}; it is used unchecked");
            return Mounts.Create(mount.Type, mount.Options, mount.Flags, LoopDevice.PathOf(data));
        }
    }

    private SafeFileHandle Loop(ulong offset, ulong size, ImageLayout layout, bool readOnly) =>
        LoopDevice.Attach(file, offset, size, Math.Max(layout.SectorSize, sectorSize), readOnly, path);

    // Linux 6.12 reads an erofs from a file as it is; others want a device.
    private SafeFileHandle? TryCreateFromFile(ImageMount mount)
    {
        try
        {
            return Mounts.Create(mount.Type, mount.Options, mount.Flags, $"/proc/self/fd/{file.Fd()}");
        }
        catch (SyscallException failure) when (failure.Errno is Errno.ENOTBLK or Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            return null;
        }
    }

    private static string Why(SyscallException failure, string type) => failure switch
    {
        { Call: "fsopen", Errno: Errno.ENODEV } => $"the kernel has no {type}",
        { Subject: "/dev/loop-control" } => $"no loop device: /dev/loop-control: {failure.Reason} (is the module loop there?)",
        { Call: "LOOP_CONFIGURE" } => $"no loop device: {failure.Reason}",
        { Errno: Errno.EINVAL or Errno.EUCLEAN } => $"the file system is damaged ({failure.Reason}); the kernel's log says where, and its fsck may repair it",
        _ => failure.Reason,
    };
}
