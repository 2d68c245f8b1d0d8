namespace Nspawn.Core;

/// <summary>The two kinds of device node, with the kernel's numbers for them (BPF_DEVCG_DEV_*).</summary>
public enum DeviceKind
{
    Block = 1,
    Character = 2,
}

/// <summary>What can be done with a device node, with the kernel's bits (BPF_DEVCG_ACC_*).</summary>
[Flags]
public enum DeviceAccess
{
    None = 0,

    /// <summary>Create a node for it.</summary>
    Mknod = 1,
    Read = 2,
    Write = 4,
    All = Mknod | Read | Write,
}

/// <summary>
/// Devices a container may use. One rule must grant everything an access asks for: of two rules for one device, one for
/// reading and one for writing, none lets it be opened for both.
/// </summary>
/// <param name="Kind">Block or character.</param>
/// <param name="Major">The major number.</param>
/// <param name="Minor">The minor number; null: every one of that major number.</param>
/// <param name="Access">What is allowed.</param>
public readonly record struct DeviceRule(DeviceKind Kind, uint Major, uint? Minor, DeviceAccess Access);
