using System.ComponentModel.DataAnnotations;

namespace Serve.Api.Access;

/// <summary>Who may use the server.</summary>
public sealed class AccessOptions
{
    /// <summary>
    /// <c>keys</c>: every request needs a key. <c>open</c>: none does, and everyone who reaches the server may do everything. <c>auto</c>: open where the server
    /// listens on loopback alone, else keys.
    /// </summary>
    [Required(ErrorMessage = "must be auto, open or keys.")]
    [RegularExpression("auto|open|keys", ErrorMessage = "must be auto, open or keys.")]
    public string Mode { get; set; } = "auto";

    /// <summary>Whether <c>/metrics</c> is answered without a key, as Prometheus asks for it.</summary>
    public bool OpenMetrics { get; set; } = true;
}
