// Surae reference frame for Arduino: one frame a sample, with a counter, the board's microseconds and a checksum.
//
// Wiring: MyoWare 2.0 RAW outputs of MG, LG and SOL on A0, A1, A2; a goniometer or potentiometer at the knee on A3.
// RAW is EMG. ENV is already rectified and smoothed: tell Surae with a map, or it will find out by the spectrum.
// 4 channels at 1000 Hz are 20 bytes a frame: 20 kB/s, so 250000 baud or more. Boards with native USB ignore the baud rate.
//
// Read it with:  surae live --device surae --port /dev/ttyACM0 --baud 500000

const uint8_t PINS[] = {A0, A1, A2, A3};
const uint8_t CHANNELS = sizeof(PINS);
const uint32_t PERIOD_US = 1000;  // 1000 Hz
const uint32_t BAUD = 500000;

const uint8_t FRAME_TYPE = 1;
const uint8_t LENGTH = 8 + 2 * CHANNELS + 2;

uint16_t counter = 0;
uint32_t next_us;

// CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF.
uint16_t crc16(const uint8_t *data, uint8_t length) {
  uint16_t crc = 0xFFFF;
  for (uint8_t i = 0; i < length; i++) {
    crc ^= (uint16_t)data[i] << 8;
    for (uint8_t bit = 0; bit < 8; bit++) {
      crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
  }
  return crc;
}

// COBS: no zero within, a zero at the end. Shorter than 254 bytes, so that one block is enough for each run.
uint8_t cobs(const uint8_t *data, uint8_t length, uint8_t *out) {
  uint8_t code_at = 0, at = 1, code = 1;
  for (uint8_t i = 0; i < length; i++) {
    if (data[i] == 0) {
      out[code_at] = code;
      code_at = at++;
      code = 1;
    } else {
      out[at++] = data[i];
      code++;
    }
  }
  out[code_at] = code;
  out[at++] = 0;
  return at;
}

uint8_t build(uint16_t n, uint32_t us, const int16_t *values, uint8_t *out) {
  uint8_t data[LENGTH];
  uint8_t at = 0;
  data[at++] = FRAME_TYPE;
  data[at++] = n & 0xFF;
  data[at++] = n >> 8;
  for (uint8_t byte = 0; byte < 4; byte++) data[at++] = us >> (8 * byte);
  data[at++] = CHANNELS;
  for (uint8_t k = 0; k < CHANNELS; k++) {
    data[at++] = (uint16_t)values[k] & 0xFF;
    data[at++] = (uint16_t)values[k] >> 8;
  }
  const uint16_t crc = crc16(data, at);
  data[at++] = crc & 0xFF;
  data[at++] = crc >> 8;
  return cobs(data, at, out);
}

void setup() {
  Serial.begin(BAUD);
  next_us = micros();
}

void loop() {
  if ((int32_t)(micros() - next_us) < 0) return;
  const uint32_t us = micros();
  next_us += PERIOD_US;
  int16_t values[CHANNELS];
  for (uint8_t k = 0; k < CHANNELS; k++) values[k] = analogRead(PINS[k]);
  uint8_t frame[LENGTH + 2];
  // A frame that finds no room is not sent: the counter goes on, and Surae shows it as lost.
  const uint8_t length = build(counter++, us, values, frame);
  if (Serial.availableForWrite() >= length) Serial.write(frame, length);
}
