namespace Nspawn.Linux.Interop;

internal static unsafe partial class LibC
{
    public const nuint BLKROGET = 0x125E;
    public const nuint BLKSSZGET = 0x1268;
    public const nuint BLKGETSIZE64 = 0x80081272;
}
