namespace Nspawn.Core;

/// <summary>How an image wants to be run, as its configuration says.</summary>
public static class ImageDefaults
{
    // A user may be a number that the tree's /etc/passwd does not know, and have a group beside.
    internal static readonly Option User = new()
    {
        Name = "uid",
        Help = "User of the image",
        Form = ArgumentForm.Required,
        Apply = (settings, value, _) => SetUser(settings, value ?? ""),
    };

    /// <exception cref="OciException">Something it asks for cannot be.</exception>
    public static RunDefaults Of(OciExecution execution) => new()
    {
        // A name without a value would ask for the caller's.
        Always = [.. Words(execution.Env).Where(word => word.Contains('=')).Select(word => RunDefaults.Asked("setenv", "Env", word))],
        UnlessGiven =
        [
            .. Word(execution.WorkingDir).Select(word => RunDefaults.Asked("chdir", "WorkingDir", word)),
            .. Word(execution.StopSignal).Select(word => RunDefaults.Asked("kill-signal", "StopSignal", word)),
            .. Word(execution.User).Select(word => RunDefaults.Asked(User, "User", word)),
        ],
        Command =
        [
            .. Words(execution.Entrypoint).Select(word => RunDefaults.Asked(OptionTable.Operands, "Entrypoint", word)),
            .. Words(execution.Cmd).Select(word => RunDefaults.Asked(OptionTable.Operands, "Cmd", word)),
        ],
    };

    private static IEnumerable<string> Words(string?[]? words) => (words ?? []).OfType<string>();

    private static string[] Word(string? word) => string.IsNullOrEmpty(word) ? [] : [word];

    private static Settings SetUser(Settings settings, string value)
    {
        string[] parts = value.Split(':');
        return parts.Length > 2 || parts.Contains("")
            ? throw new UsageException("expected USER or USER:GROUP")
            : settings with { User = UserNames.Parse(parts[0]), Group = parts.Length > 1 ? UserNames.Parse(parts[1]) : null, UserNeedNotExist = true };
    }
}
