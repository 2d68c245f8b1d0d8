namespace Nspawn.Core;

/// <summary>What the filter does with a system call.</summary>
internal enum SyscallAction : byte
{
    /// <summary>
    /// ENOSYS, as if the kernel were older than the call: what is not in the table must look absent, because programs
    /// that find a new call missing use an old one, and programs that find it forbidden give up.
    /// </summary>
    Unknown,

    /// <summary>EPERM: the call is known and kept from the container.</summary>
    Refuse,

    Allow,

    /// <summary>Success without doing anything.</summary>
    Ignore,

    /// <summary>socket(2), except for the audit system's: EAFNOSUPPORT makes its users believe that there is none.</summary>
    Socket,

    /// <summary>open(2) without O_SYNC and O_DSYNC.</summary>
    Open,

    /// <summary>openat(2) without O_SYNC and O_DSYNC.</summary>
    OpenAt,
}
