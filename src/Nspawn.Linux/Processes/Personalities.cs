namespace Nspawn.Linux;

/// <summary>Execution domains; personality(2).</summary>
public static class Personalities
{
    public const uint Linux = 0;
    public const uint Linux32 = 8;
}
