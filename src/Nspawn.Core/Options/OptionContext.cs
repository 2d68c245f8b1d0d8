namespace Nspawn.Core;

/// <summary>What an option may ask about the caller.</summary>
/// <param name="Environment">The value of a variable in the caller's environment; null when it is not set.</param>
/// <param name="CurrentDirectory">The caller's working directory, absolute.</param>
public sealed record OptionContext(Func<string, string?> Environment, string CurrentDirectory)
{
    /// <summary>The context of this process.</summary>
    public static OptionContext OfProcess() =>
        new(System.Environment.GetEnvironmentVariable, System.Environment.CurrentDirectory);
}
