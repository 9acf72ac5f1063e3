namespace Serve.Inference.Detection;

/// <summary>Requests that are not queued yet: those that wait to be prepared, by level and arrival, and those that are being prepared. Used under its queue's lock.</summary>
/// <param name="times">What batches are worth.</param>
/// <param name="runners">Threads that take from the queue.</param>
internal sealed class AdmissionLane(BatchTimes times, int runners)
{
    private readonly SortedSet<Admission> _waiting = new(Comparer<Admission>.Create(
        (a, b) => a.Level != b.Level ? a.Level.CompareTo(b.Level) : a.Arrival.CompareTo(b.Arrival)));

    private int _preparing;
    private int _queued;

    /// <summary>Requests that wait to be prepared.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>True when a request is on its way to the queue.</summary>
    public bool IsComing => _waiting.Count + _preparing > 0;

    /// <summary>Prepared ahead: a batch for each runner beside what it runs, and one on each core that no runner keeps busy.</summary>
    private int Most => runners * times.Most + Math.Max(0, Environment.ProcessorCount - runners);

    /// <summary>A request comes.</summary>
    /// <returns>True when it may be prepared at once.</returns>
    public bool Enter(Admission admission)
    {
        _waiting.Add(admission);
        admission.State = AdmissionState.Waiting;
        AdmitNext();
        if (admission.State == AdmissionState.Preparing)
            return true;
        admission.Wait();
        return false;
    }

    /// <summary>It is prepared and queued.</summary>
    public void Queue(Admission admission)
    {
        admission.State = AdmissionState.Queued;
        _preparing--;
        _queued++;
    }

    /// <summary>It left the queue.</summary>
    public void Unqueue(Admission admission)
    {
        admission.State = AdmissionState.Ended;
        _queued--;
        AdmitNext();
    }

    /// <summary>It goes before it was queued; nothing where it has gone, or was queued.</summary>
    public void Leave(Admission admission)
    {
        if (admission.State == AdmissionState.Waiting)
            _waiting.Remove(admission);
        else if (admission.State == AdmissionState.Preparing)
            _preparing--;
        else
            return;
        admission.State = AdmissionState.Ended;
        AdmitNext();
    }

    private void AdmitNext()
    {
        while (_preparing + _queued < Most && _waiting.Min is { } next)
        {
            _waiting.Remove(next);
            next.State = AdmissionState.Preparing;
            _preparing++;
            next.Admit();
        }
    }
}
