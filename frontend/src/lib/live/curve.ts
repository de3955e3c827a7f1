const FIRST_CAPACITY = 256;

/** One curve: steps rise; a step that comes again (after a resume) takes the new value. */
export class Curve {
  private stepBuffer = new Float64Array(FIRST_CAPACITY);
  private valueBuffer = new Float64Array(FIRST_CAPACITY);
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Views of what is there now; they stay as they are but for repeated steps. */
  get steps(): Float64Array {
    return this.stepBuffer.subarray(0, this.count);
  }

  get values(): Float64Array {
    return this.valueBuffer.subarray(0, this.count);
  }

  set(step: number, value: number): void {
    const place = this.placeOf(step);
    if (place < this.count && this.stepBuffer[place] === step) {
      this.valueBuffer[place] = value;
      return;
    }
    if (this.count === this.stepBuffer.length) this.grow();
    if (place < this.count) {
      this.stepBuffer.copyWithin(place + 1, place, this.count);
      this.valueBuffer.copyWithin(place + 1, place, this.count);
    }
    this.stepBuffer[place] = step;
    this.valueBuffer[place] = value;
    this.count += 1;
  }

  /** Forget every point from this step on. */
  cutFrom(step: number): void {
    this.count = this.placeOf(step);
  }

  /** The first place whose step is not below `step`; nearly always the end. */
  private placeOf(step: number): number {
    if (this.count === 0 || step > (this.stepBuffer[this.count - 1] ?? 0)) return this.count;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stepBuffer[middle] ?? 0) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const [steps, values] = [this.stepBuffer, this.valueBuffer];
    this.stepBuffer = new Float64Array(steps.length * 2);
    this.valueBuffer = new Float64Array(values.length * 2);
    this.stepBuffer.set(steps);
    this.valueBuffer.set(values);
  }
}
