using System.Globalization;

namespace Nspawn.Core;

/// <summary>How willingly the kernel kills the payload when memory is short; proc_pid_oom_score_adj(5).</summary>
public static class OomScore
{
    public static int Parse(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int score) && score is >= -1000 and <= 1000
            ? score
            : throw new UsageException("expected a number from -1000 to 1000");
}
